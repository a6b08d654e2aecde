package adaptertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"yilu/bot"
)

// Channel is what the suite must know of a channel that is spoken to over HTTP.
type Channel struct {
	Texts    map[string]map[string]string // its texts, see Texts
	Langs    []string
	Settings map[string]string // what makes it Mount
	Secrets  []string          // what must never be in a log or an answer: the values of its secret settings

	// New makes the adapter.
	New func() bot.Adapter
	// Deliver is the platform's request for one text of one person. The same id is the same message, delivered
	// again. The text may hold any bytes.
	Deliver func(id, user, text string) *http.Request
	// Press is the platform's request for a choice that was pressed, by its Send; nil where nothing can be pressed and
	// choices are said by their numbers.
	Press func(id, user, send string) *http.Request
	// Shown reads the paragraphs that the person gets out of an answer that acknowledged the message, without what the
	// channel makes of choices and progress. A channel that joins paragraphs may return them joined.
	Shown func(t testing.TB, body []byte) []string
	// Open takes off an answer what differs from delivery to delivery because it must, such as an encryption; nil if
	// there is nothing to take off.
	Open func(t testing.TB, body []byte) []byte
	// Unknown is the platform's request for something of a kind that the channel does not know. It is acknowledged: as
	// a turn of the event Unreadable where Unreadable is set, in silence otherwise. nil says that there is but one kind.
	Unknown    func() *http.Request
	Unreadable bool
	// Patience is how long the platform waits for an answer, 0 for ten seconds. The channel is back before that,
	// whatever the host does.
	Patience time.Duration
	// Slow says from which delivery on, counted from one, a message is acknowledged although its turn has not ended;
	// the zero value says never.
	Slow Slow
	// Refused are requests that must not become a turn, by name, with the status that they get. Every name of
	// MustRefuse is there.
	Refused map[string]Refused
}

// Slow is when a channel acknowledges what is not kept yet, and Why it may.
type Slow struct {
	Acknowledged int
	Why          string
}

// Refused is a request with the status that it gets. A nil Request says that the case cannot arise on the platform, and
// Why says why.
type Refused struct {
	Request *http.Request
	Status  int
	Why     string
}

// MustRefuse names what every channel refuses. Replayed is an authentic request of before with another body, stale one
// that is authentic and old.
var MustRefuse = []string{
	"forged", "replayed", "stale", "too large", "wrong type", "malformed", "without id", "nothing said", "wrong method",
}

// Suite holds the channel to it. Every case mounts the adapter anew on its own host, and none leaves a secret or
// anything of what was said in the log, or a secret in an answer (T8).
func Suite(t *testing.T, c Channel) {
	t.Run("valid message is answered", c.answered)
	t.Run("repeated delivery gets identical bytes", c.repeated)
	t.Run("sixteen deliveries at once are one turn", c.atOnce)
	if c.Press != nil {
		t.Run("pressed choice is a turn", c.pressed)
	}
	t.Run("two people are two identities", c.people)
	t.Run("awkward texts arrive clean and are answered", c.awkward)
	t.Run("long reply is shown part by part", c.long)
	t.Run("host error is not acknowledged", c.hostError)
	t.Run("panic is a 500 and the channel lives", c.panics)
	t.Run("slow turn is not acknowledged", c.slow)
	t.Run("platform that hangs up may ask again", c.hangsUp)
	if c.Unknown != nil {
		t.Run("unknown kind is acknowledged", c.unknownKind)
	}
	t.Run("refused", c.refuses)
	t.Run("unknown path is not found", c.unknownPath)
}

// Mount mounts the channel on a new host, as a server would.
func (c Channel) Mount(t testing.TB) (*Host, http.Handler) {
	t.Helper()
	host := NewHost(t, c.Texts, c.Langs...)
	for name, value := range c.Settings {
		host.Set(name, value)
	}
	mount, err := c.New().Mount(host)
	if err != nil {
		t.Fatalf("mount: %v", err)
	}
	mux := http.NewServeMux()
	for pattern, handler := range mount.Routes {
		mux.Handle(pattern, handler)
	}
	return host, mux
}

// Do serves one request and fails if the handler lets a panic out.
func Do(t testing.TB, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("%s %s: the handler panicked: %v", r.Method, r.URL.Path, p)
			}
		}()
		h.ServeHTTP(w, r)
	}()
	return w
}

// Body is a request body of n bytes.
func Body(n int64) io.Reader { return io.LimitReader(endless{}, n) }

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}
