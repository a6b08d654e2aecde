package bot

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Adapter connects one channel. It verifies and decodes what the platform sends, hands it to the host, and renders the
// reply in the platform's own way; it knows no dialogue and no store.
type Adapter interface {
	// Name is the channel's name in identities.
	Name() string
	// Mount readies the channel. An Error of code Off says that it is not configured.
	Mount(Host) (Mount, error)
}

// Mount is a channel that is ready.
type Mount struct {
	Routes map[string]http.Handler     // by pattern of http.ServeMux
	Run    func(context.Context) error // a loop of its own, until the context ends; nil if it has none

	// Fetch opens a file that a message named; nil if the channel has no files. An Error of code NotFound or Invalid
	// says that it is lost for good, Unavailable that it may be had later.
	Fetch func(ctx context.Context, ref string) (Media, error)
}

// Media is a file on its way from a platform. Whoever gets it closes Body.
type Media struct {
	Body io.ReadCloser
	Type string // media type as the platform says it
	Size int64  // bytes; -1 if not said
}

// Recogniser makes text of speech. None is shipped; a channel that is given one hands over what it heard as the text
// of the message, and says so with Heard.
type Recogniser interface {
	// Recognise returns what was said, "" if nothing was understood.
	Recognise(ctx context.Context, recording Media, lang string) (string, error)
}

// Host is what Yilu offers to a channel.
type Host interface {
	// Turn answers a message. Until it returns without error nothing is kept, and the platform must not be told
	// that the message was received.
	Turn(context.Context, Message) (Reply, error)
	// Greet is the reply to somebody who has said nothing yet. It is no turn and keeps nothing.
	Greet(ctx context.Context, lang string) (Reply, error)
	// History returns the last exchanges of a conversation, the oldest first.
	History(context.Context, Identity) ([]Exchange, error)
	// Redeem lets the identity go on for a while as the person to whom a one-time link was given, and asks that person's
	// question again. An Error of code NotFound says that the link is unknown, used by somebody else, or too old.
	Redeem(ctx context.Context, pass string, by Identity) error
	// Text returns a text of the channel's own, in the language.
	Text(lang, key string) string
	// Langs lists the languages, the default first.
	Langs() []string
	// Setting returns a setting by its environment name, "" if it is not set.
	Setting(name string) string
	// Now is the clock.
	Now() time.Time
	// Log is the channel's logger.
	Log() *slog.Logger
}
