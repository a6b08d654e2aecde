//go:build unix

package engine_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/talk"
	"yilu/dialogs"
	"yilu/locales"
)

// kept is a ledger of one map, for one goroutine: what a turn takes without a store.
type kept struct {
	ledger.Ledger
	sessions map[string]ledger.Snapshot
}

func (k *kept) Load(_ context.Context, key, _ string, _ time.Time) (ledger.Snapshot, error) {
	return k.sessions[key], nil
}

func (k *kept) Look(ctx context.Context, key, message string, now time.Time) (ledger.Snapshot, error) {
	return k.Load(ctx, key, message, now)
}

func (k *kept) Commit(_ context.Context, key string, c ledger.Commit) error {
	k.sessions[key] = ledger.Snapshot{Version: c.Expect + 1, State: c.State, Effects: slices.Concat(k.sessions[key].Effects, c.Effects)}
	return nil
}

func (k *kept) Settle(_ context.Context, key string, _ []string) error {
	s := k.sessions[key]
	s.Effects = nil
	k.sessions[key] = s
	return nil
}

// pinned are records of a few posts and of the workers that were saved, for one goroutine. What a search finds is only
// as good as the scripts need it.
type pinned struct {
	engine.Records
	posts   []bot.Post
	workers map[bot.WorkerID]bot.Worker
}

func (p *pinned) Apply(_ context.Context, entries []bot.Entry) (ids []string, err error) {
	for _, e := range entries {
		ids = append(ids, e.ID)
		eff, err := bot.DecodeEffect(e.Kind, e.Data)
		if err != nil {
			return nil, err
		}
		w := p.workers[e.From.Worker()]
		switch eff := eff.(type) {
		case bot.SaveWorker:
			if !eff.Name.IsZero() {
				w.Name = eff.Name
			}
			if !eff.Phone.IsZero() {
				w.Phone = eff.Phone
			}
			if eff.Complete {
				w.Birth, w.Trades, w.Places, w.Number, w.Complete = eff.Birth, eff.Trades, eff.Places, eff.Number, true
			}
		case bot.RecordConsent:
			w.Consent = eff.Notice
		}
		p.workers[e.From.Worker()] = w
	}
	return ids, nil
}

func (p *pinned) Worker(_ context.Context, id bot.WorkerID) (bot.Worker, error) {
	if w, ok := p.workers[id]; ok {
		return w, nil
	}
	return bot.Worker{}, &bot.Error{Code: bot.NotFound, Op: "test"}
}

func (p *pinned) Search(_ context.Context, q bot.Query) (found bot.Found, err error) {
	n := 0
	for i := range p.posts {
		post := &p.posts[i]
		if len(q.Trades) > 0 && !slices.Contains(q.Trades, post.Trade) || len(q.Districts) > 0 && !slices.Contains(q.Districts, post.District) ||
			q.Settle != "" && q.Settle != post.Settle {
			continue
		}
		if n++; n <= q.Offset {
			continue
		}
		if len(found.Posts) == q.Limit {
			found.More = true
			break
		}
		found.Posts = append(found.Posts, *post)
	}
	return found, nil
}

func (p *pinned) Post(_ context.Context, id bot.PostID) (bot.Post, error) {
	for i := range p.posts {
		if p.posts[i].ID == id {
			return p.posts[i], nil
		}
	}
	return bot.Post{}, &bot.Error{Code: bot.NotFound, Op: "test"}
}

func (p *pinned) Applications(context.Context, bot.WorkerID) ([]bot.Application, error) {
	return nil, nil
}
func (p *pinned) Alerts(context.Context, bot.WorkerID) ([]bot.Alert, error) { return nil, nil }
func (p *pinned) Identities(context.Context, bot.WorkerID) ([]bot.Identity, error) {
	return nil, nil
}

// line is one message of a script, and what has to stand in the answer.
type line struct{ say, want string }

// readScripts reads the dialogues that the speed table is made of.
func readScripts(b *testing.B) map[string][]line {
	b.Helper()
	files, err := filepath.Glob("../../cmd/bench/scripts/*.talk")
	if err != nil || len(files) == 0 {
		b.Fatalf("no scripts: %v", err)
	}
	out := map[string][]line{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		lines, err := talk.Parse(source)
		if err != nil {
			b.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".talk")
		for _, l := range lines {
			switch l.Kind {
			case talk.Says:
				out[name] = append(out[name], line{say: l.Text})
			case talk.Bot:
				out[name][len(out[name])-1].want = l.Text
			}
		}
	}
	return out
}

// BenchmarkLife plays the dialogues of the speed table, person after person, against an engine whose ledger and records
// are maps: what is left is deciding, and reading and writing a session and a reply.
func BenchmarkLife(b *testing.B) {
	all := readScripts(b)
	for _, mix := range []struct {
		name    string
		scripts []string
	}{
		{"whole", []string{"help", "search", "register", "look", "refine", "correct", "search"}},
		{"corrected", []string{"help", "search", "register_corrected", "look", "refine", "correct", "search"}},
		{"no-intake", []string{"help", "search", "look", "refine"}},
		{"registration", []string{"register"}},
		{"menu", []string{"menu"}},
	} {
		b.Run(mix.name, func(b *testing.B) {
			var script []line
			for _, name := range mix.scripts {
				script = append(script, all[name]...)
			}
			e := lone(b)
			messages := make([]bot.Message, len(script))
			for i, l := range script {
				messages[i] = bot.Message{ID: strconv.Itoa(i), Text: l.say, Room: 3000, Lang: "zh-hans"}
			}
			b.ReportAllocs()
			before := cpu()
			n := 0
			for b.Loop() {
				i := n % len(script)
				m := messages[i]
				m.From = bot.Identity{Channel: "bench", User: strconv.Itoa(n / len(script) % 1000)}
				if i == 0 {
					e.forget(m.From)
				}
				reply, err := e.Turn(b.Context(), m)
				if err != nil {
					b.Fatal(err)
				}
				if !strings.Contains(strings.Join(reply.Texts, "\n"), script[i].want) && !offers(reply, script[i].want) {
					b.Fatalf("%q: %q %q, want %q", m.Text, reply.Texts, reply.Choices, script[i].want)
				}
				n++
			}
			b.ReportMetric(float64(cpu()-before)/1e3/float64(n), "cpu-µs/turn")
		})
	}
}

func offers(r bot.Reply, label string) bool {
	return slices.ContainsFunc(r.Choices, func(c bot.Choice) bool { return strings.Contains(c.Label, label) })
}

// cpu is the processor time of this process so far, in nanoseconds: it says the same however busy the machine is.
func cpu() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

// alone is an engine over maps.
type alone struct {
	*engine.Engine
	ledger  *kept
	records *pinned
}

func (a *alone) forget(who bot.Identity) {
	delete(a.ledger.sessions, who.Key())
	delete(a.records.workers, who.Worker())
}

func lone(b *testing.B) *alone {
	b.Helper()
	w := words(b)
	texts, err := locale.Load(locales.Files, "zh-CN", locale.Names{Trade: w.TradeName, District: w.DistrictName})
	if err != nil {
		b.Fatal(err)
	}
	raw, err := os.ReadFile("../../dialogs/testdata/posts.json")
	if err != nil {
		b.Fatal(err)
	}
	a := &alone{ledger: &kept{sessions: map[string]ledger.Snapshot{}}, records: &pinned{workers: map[bot.WorkerID]bot.Worker{}}}
	if err := json.Unmarshal(raw, &a.records.posts); err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)
	a.Engine, err = engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: texts, Words: w, Ledger: a.ledger, Records: a.records,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Secret: make([]byte, 16),
	})
	if err != nil {
		b.Fatal(err)
	}
	return a
}
