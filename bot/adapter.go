package bot

import (
	"context"
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
