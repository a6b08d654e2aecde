package dialogs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/datafile"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/records"
	"yilu/bot/understand"
	"yilu/dialogs"
	"yilu/locales"
)

var update = flag.Bool("update", false, "write what the bot says into the transcripts")

// A transcript is a text file. "> words" is what the worker says, "> [label]" a choice that they press, "< words" what
// the bot says; "# " is a comment, and "! " sets something up:
//
//	! at 2026-11-23T09:00:00+08:00   the clock (this is where it begins)
//	! wait 72h                       the clock goes on
//	! lang en                        the channel's hint of the language
//	! records down | up              the records do not answer, or do again
//	! writes down | up               the records can be read, and not written
//	! post P-01 closed               a post changes its state, and is verified now
//
// Between any two lines the session passes through its stored form, because the ledger keeps bytes (T10).
type talk struct {
	t       *testing.T
	engine  *engine.Engine
	records *flaky
	now     time.Time
	from    bot.Identity
	lang    string
	last    bot.Reply
	said    int
}

// flaky are the real records, which can be made not to answer.
type flaky struct {
	*records.Records
	down   bool
	refuse bool // they can be read, and not written
}

var errDown = &bot.Error{Code: bot.Unavailable, Op: "test", Say: "records are down"}

func (f *flaky) Apply(ctx context.Context, e []bot.Entry) ([]string, error) {
	if f.down || f.refuse {
		return nil, errDown
	}
	return f.Records.Apply(ctx, e)
}

func (f *flaky) Worker(ctx context.Context, id bot.WorkerID) (bot.Worker, error) {
	if f.down {
		return bot.Worker{}, errDown
	}
	return f.Records.Worker(ctx, id)
}

func (f *flaky) Search(ctx context.Context, q bot.Query) (bot.Found, error) {
	if f.down {
		return bot.Found{}, errDown
	}
	return f.Records.Search(ctx, q)
}

func (f *flaky) Post(ctx context.Context, id bot.PostID) (bot.Post, error) {
	if f.down {
		return bot.Post{}, errDown
	}
	return f.Records.Post(ctx, id)
}

func (f *flaky) Applications(ctx context.Context, id bot.WorkerID) ([]bot.Application, error) {
	if f.down {
		return nil, errDown
	}
	return f.Records.Applications(ctx, id)
}

func (f *flaky) Alerts(ctx context.Context, id bot.WorkerID) ([]bot.Alert, error) {
	if f.down {
		return nil, errDown
	}
	return f.Records.Alerts(ctx, id)
}

// coverage counts the transitions that transcripts pass through.
type coverage struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *coverage) trace(dialogue, state string, on bot.Outcome, to string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[edgeName(dialogue, state, on, to)]++
}

func edgeName(dialogue, state string, on bot.Outcome, to string) string {
	if to == "" {
		return fmt.Sprintf("%s.%s ends: %s", dialogue, state, on)
	}
	return fmt.Sprintf("%s.%s --%s--> %s", dialogue, state, on, to)
}

var shared = sync.OnceValues(func() (*understand.Words, error) {
	lexicon, err := fs.Sub(locales.Files, "lexicon")
	if err != nil {
		return nil, err
	}
	return understand.Load(lexicon)
})

func loadTexts(t testing.TB) (*understand.Words, *locale.Texts) {
	t.Helper()
	words, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := locale.Load(locales.Files, "zh-CN", locale.Names{Trade: words.TradeName, District: words.DistrictName})
	if err != nil {
		t.Fatal(err)
	}
	return words, texts
}

func newTalk(t *testing.T, cover *coverage) *talk {
	t.Helper()
	words, texts := loadTexts(t)
	file, err := datafile.Open(filepath.Join(t.TempDir(), "yilu.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	led, err := ledger.NewEmbedded(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := records.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	var posts []bot.Post
	raw, err := os.ReadFile("testdata/posts.json")
	if err == nil {
		err = json.Unmarshal(raw, &posts)
	}
	if err == nil {
		err = rec.PutPosts(t.Context(), posts)
	}
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{t: t, records: &flaky{Records: rec}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen), from: bot.Identity{Channel: "talk", User: "a"}, lang: "zh-CN"}
	k.engine, err = engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: texts, Words: words, Ledger: led, Records: k.records,
		Now: func() time.Time { return k.now }, Log: slog.New(slog.DiscardHandler), Trace: cover.trace,
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// run goes through a transcript and returns it with what the bot really said.
func (k *talk) run(source []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(source)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "< "):
			continue
		case strings.HasPrefix(line, "> "):
			out.WriteString(line + "\n")
			k.say(strings.TrimPrefix(line, "> "))
			out.WriteString(render(k.last))
			continue
		case strings.HasPrefix(line, "! "):
			k.set(strings.Fields(line)[1:])
		}
		out.WriteString(line + "\n")
	}
	return out.Bytes()
}

func (k *talk) say(words string) {
	k.said++
	m := bot.Message{ID: fmt.Sprintf("m%d", k.said), From: k.from, Text: words, Lang: k.lang}
	if label, ok := strings.CutPrefix(words, "["); ok {
		label = strings.TrimSuffix(label, "]")
		for _, c := range k.last.Choices {
			if c.Label == label {
				m.Choice = c.Send
			}
		}
		if m.Choice == "" {
			k.t.Fatalf("there is no choice %q to press", label)
		}
		m.Text = ""
	}
	reply, err := k.engine.Turn(k.t.Context(), m)
	if err != nil {
		k.t.Fatalf("%q: %v", words, err)
	}
	k.last = reply
}

func (k *talk) set(words []string) {
	var err error
	switch words[0] {
	case "at":
		k.now, err = time.Parse(time.RFC3339, words[1])
	case "wait":
		var d time.Duration
		d, err = time.ParseDuration(words[1])
		k.now = k.now.Add(d)
	case "lang":
		k.lang = words[1]
	case "records":
		k.records.down = words[1] == "down"
	case "writes":
		k.records.refuse = words[1] == "down"
	case "post":
		var p bot.Post
		p, err = k.records.Records.Post(k.t.Context(), bot.PostID(words[1]))
		p.State, p.Verified = bot.PostState(words[2]), k.now
		if err == nil {
			err = k.records.PutPosts(k.t.Context(), []bot.Post{p})
		}
	default:
		k.t.Fatalf("unknown: ! %s", words[0])
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// render is how a transcript shows a reply.
func render(r bot.Reply) string {
	var b strings.Builder
	for _, text := range r.Texts {
		for line := range strings.Lines(text) {
			b.WriteString("< " + strings.TrimRight(line, "\n") + "\n")
		}
	}
	for i, c := range r.Choices {
		fmt.Fprintf(&b, "< %d %s\n", i+1, c.Label)
	}
	if r.Progress != "" {
		fmt.Fprintf(&b, "< (%s)\n", r.Progress)
	}
	return b.String()
}

// TestTranscripts replays every transcript, and holds that together they pass through every transition of every
// dialogue (T10, T11).
func TestTranscripts(t *testing.T) {
	t.Parallel()
	cover := &coverage{seen: map[string]int{}}
	files, err := filepath.Glob("*/testdata/*.talk")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("all", func(t *testing.T) {
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.ToSlash(file), ".talk"), func(t *testing.T) {
				t.Parallel()
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				got := newTalk(t, cover).run(source)
				if bytes.Equal(got, source) {
					return
				}
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				t.Errorf("the bot said something else (go test ./dialogs -update writes it down):\n%s", difference(string(source), string(got)))
			})
		}
	})
	missing := 0
	for _, d := range dialogs.All() {
		for _, st := range d.States {
			edges := st.Edges
			if st.End != "" {
				edges = []bot.Edge{{On: st.End}}
			}
			for _, e := range edges {
				if name := edgeName(d.Name, st.Name, e.On, e.To); cover.seen[name] == 0 {
					missing++
					t.Errorf("no transcript passes through %s", name)
				}
			}
		}
		if own, _ := filepath.Glob(filepath.Join(d.Name, "testdata", "*.talk")); len(own) == 0 {
			t.Errorf("the dialogue %s has no transcript of its own", d.Name)
		}
	}
	t.Logf("%d transcripts; %d transitions passed, %d missing", len(files), len(cover.seen), missing)
}

// difference shows the first place where two transcripts part.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n  transcript: %s\n  the bot:    %s", i+1, a, b)
		}
	}
	return ""
}
