package simulate_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/datafile"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/records"
	"yilu/bot/understand"
	"yilu/cmd/yilu/simulate"
	"yilu/dialogs"
)

var update = flag.Bool("update", false, "write what the channels answer into testdata/render")

// TestMain carries T30, and removes what the tests share.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if folder, err := prepared(); err == nil {
		_ = os.RemoveAll(folder)
	}
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// way is a channel as people reach it.
type way struct{ name, channel, mode string }

var ways = []way{
	{"telegram", "telegram", ""},
	{"wechat plain", "wechat", "plain"}, {"wechat compatible", "wechat", "compatible"}, {"wechat safe", "wechat", "safe"},
	{"web", "web", ""},
	{"terminal", "terminal", ""},
}

// words are read once; all engines share them.
var words = sync.OnceValues(func() (w struct {
	texts   *locale.Texts
	lexicon *understand.Words
}, err error) {
	w.texts, w.lexicon, err = app.Words("")
	return w, err
})

// prepared is a data folder with the posts of the transcripts, made once.
var prepared = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "yilu")
	if err != nil {
		return "", err
	}
	raw, err := os.ReadFile("../../../dialogs/testdata/posts.json")
	if err != nil {
		return "", err
	}
	var posts []bot.Post
	if err := json.Unmarshal(raw, &posts); err != nil {
		return "", err
	}
	file, err := datafile.Open(filepath.Join(folder, "yilu.db"))
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	if _, err := ledger.NewEmbedded(ctx, file); err != nil {
		return "", err
	}
	store, err := records.Open(ctx, file)
	if err != nil {
		return "", err
	}
	if err := store.PutPosts(ctx, posts); err != nil {
		return "", err
	}
	return folder, file.Close()
})

// yilu is the real engine on the real stores, as a channel sees it.
type yilu struct {
	*engine.Engine
	texts *locale.Texts
}

func (y *yilu) Text(lang, key string) string {
	text, err := y.texts.Text(lang, key, nil)
	if err != nil {
		panic(err)
	}
	return text
}

func (y *yilu) Langs() []string       { return y.texts.Langs() }
func (y *yilu) Setting(string) string { return "" }
func (y *yilu) Now() time.Time        { return y.Engine.Now() }
func (y *yilu) Log() *slog.Logger     { return y.Engine.Log }

// talker is a person on a channel, and the records, which can be made not to answer.
type talker struct {
	*simulate.Person
	t       *testing.T
	clock   *simulate.Clock
	store   *records.Records
	records *flaky
}

// meet readies an engine on data of its own, and lets somebody come by the channel.
func meet(t *testing.T, w way, seen func(simulate.Seen)) *talker {
	t.Helper()
	from, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(folder, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	file, err := datafile.Open(filepath.Join(folder, "yilu.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	led, err := ledger.NewEmbedded(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	k := &talker{t: t, clock: simulate.NewClock(simulate.Begin)}
	if k.store, err = records.Open(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	k.records = &flaky{Records: k.store}
	said, err := words()
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: said.texts, Words: said.lexicon, Ledger: led, Records: k.records,
		Now: k.clock.Now, Log: slog.New(slog.DiscardHandler), Secret: []byte("the same in every run"),
	})
	if err != nil {
		t.Fatal(err)
	}
	k.Person, err = simulate.New(&yilu{e, said.texts}, simulate.Options{Channel: w.channel, Mode: w.mode, Clock: k.clock, Seen: seen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

// Set knows the directives of the transcripts beside those of simulate.
func (k *talker) Set(words []string) error {
	switch words[0] {
	case "records":
		k.records.set(words[1] == "down", false)
	case "writes":
		k.records.set(false, words[1] == "down")
	case "post":
		p, err := k.store.Post(k.t.Context(), bot.PostID(words[1]))
		if err != nil {
			return err
		}
		p.State, p.Verified = bot.PostState(words[2]), k.clock.Now()
		return k.store.PutPosts(k.t.Context(), []bot.Post{p})
	default:
		return k.Person.Set(words)
	}
	return nil
}

// flaky are the real records, which can be made not to answer, or not to take anything.
type flaky struct {
	engine.Records
	mu           sync.Mutex
	down, refuse bool
}

var errDown = &bot.Error{Code: bot.Unavailable, Op: "test", Say: "records are down"}

func (f *flaky) set(down, refuse bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down, f.refuse = down, refuse
}

// ask asks the records, if they answer.
func ask[T any](f *flaky, writes bool, do func() (T, error)) (T, error) {
	f.mu.Lock()
	away := f.down || writes && f.refuse
	f.mu.Unlock()
	if away {
		var none T
		return none, errDown
	}
	return do()
}

func (f *flaky) Apply(ctx context.Context, e []bot.Entry) ([]string, error) {
	return ask(f, true, func() ([]string, error) { return f.Records.Apply(ctx, e) })
}

func (f *flaky) Worker(ctx context.Context, id bot.WorkerID) (bot.Worker, error) {
	return ask(f, false, func() (bot.Worker, error) { return f.Records.Worker(ctx, id) })
}

func (f *flaky) Search(ctx context.Context, q bot.Query) (bot.Found, error) {
	return ask(f, false, func() (bot.Found, error) { return f.Records.Search(ctx, q) })
}

func (f *flaky) Post(ctx context.Context, id bot.PostID) (bot.Post, error) {
	return ask(f, false, func() (bot.Post, error) { return f.Records.Post(ctx, id) })
}

func (f *flaky) Applications(ctx context.Context, id bot.WorkerID) ([]bot.Application, error) {
	return ask(f, false, func() ([]bot.Application, error) { return f.Records.Applications(ctx, id) })
}

func (f *flaky) Identities(ctx context.Context, id bot.WorkerID) ([]bot.Identity, error) {
	return ask(f, false, func() ([]bot.Identity, error) { return f.Records.Identities(ctx, id) })
}

func (f *flaky) Alerts(ctx context.Context, id bot.WorkerID) ([]bot.Alert, error) {
	return ask(f, false, func() ([]bot.Alert, error) { return f.Records.Alerts(ctx, id) })
}
