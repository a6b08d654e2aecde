package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/understand"
	"yilu/locales"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// shelf are records that keep what is applied in memory, and can be made not to answer.
type shelf struct {
	mu      sync.Mutex
	down    bool
	fail    int    // how many calls fail before the next one works
	refuse  string // a kind that is never applied
	applied map[string]bot.Entry
	order   []string
	known   []bot.Identity // the channels of everybody
}

func (s *shelf) Apply(_ context.Context, entries []bot.Entry) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail > 0 {
		s.fail--
		return nil, &bot.Error{Code: bot.Unavailable, Op: "test", Say: "down once"}
	}
	if s.down {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "test", Say: "down"}
	}
	var ids []string
	var err error
	for _, e := range entries {
		if e.Kind == s.refuse {
			err = &bot.Error{Code: bot.Invalid, Op: "test", Field: e.ID}
			continue
		}
		if _, ok := s.applied[e.ID]; !ok {
			s.applied[e.ID] = e
			s.order = append(s.order, e.ID)
		}
		ids = append(ids, e.ID)
	}
	return ids, err
}

func (s *shelf) failNext() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail++
}

func (s *shelf) set(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func (s *shelf) entries() []bot.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []bot.Entry
	for _, id := range s.order {
		out = append(out, s.applied[id])
	}
	return out
}

func (s *shelf) Worker(context.Context, bot.WorkerID) (bot.Worker, error) {
	return bot.Worker{}, &bot.Error{Code: bot.NotFound, Op: "test"}
}
func (s *shelf) Search(context.Context, bot.Query) (bot.Found, error) { return bot.Found{}, nil }
func (s *shelf) Post(context.Context, bot.PostID) (bot.Post, error) {
	return bot.Post{}, &bot.Error{Code: bot.NotFound, Op: "test"}
}
func (s *shelf) Applications(context.Context, bot.WorkerID) ([]bot.Application, error) {
	return nil, nil
}
func (s *shelf) Alerts(context.Context, bot.WorkerID) ([]bot.Alert, error) { return nil, nil }
func (s *shelf) Stations(context.Context) ([]bot.Station, error)           { return nil, nil }
func (s *shelf) Answers(context.Context, bot.Scheme, bot.InsuranceTopic) ([]bot.Approved, error) {
	return nil, nil
}
func (s *shelf) Cases(context.Context, bot.WorkerID) ([]bot.Case, error) { return nil, nil }

var readWords = sync.OnceValues(func() (*understand.Words, error) {
	lexicon, err := fs.Sub(locales.Files, "lexicon")
	if err != nil {
		return nil, err
	}
	return understand.Load(lexicon)
})

func words(t testing.TB) *understand.Words {
	t.Helper()
	w, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// texts are the engine's own texts and those of values, with the given ones of a test's dialogues, in Chinese.
func texts(t testing.TB, own map[string]string) *locale.Texts {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"common", "value", "fault"} {
		raw, err := fs.ReadFile(locales.Files, "zh-CN/"+name+".toml")
		if err != nil {
			t.Fatal(err)
		}
		files["zh-CN/"+name+".toml"] = &fstest.MapFile{Data: raw}
	}
	for key, text := range own {
		name, _, _ := strings.Cut(key, ".")
		path := "zh-CN/" + name + ".toml"
		if files[path] == nil {
			files[path] = &fstest.MapFile{}
		}
		files[path].Data = fmt.Appendf(files[path].Data, "%q = %q\n", key, text)
	}
	w := words(t)
	out, err := locale.Load(files, "zh-CN", locale.Names{Trade: w.TradeName, District: w.DistrictName})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// textsOf makes a text for everything that the dialogues say: its own key, and the summary where there is one.
func textsOf(t testing.TB, dialogues []bot.Dialogue) *locale.Texts {
	t.Helper()
	own := map[string]string{}
	for _, d := range dialogues {
		own[d.Name+".title"] = d.Name
		for _, st := range d.States {
			key := d.Name + "." + st.Name
			own[key], own[key+".again"] = key, key+" again"
			if st.Summary {
				own[key] = key + " {{.Summary}}"
			}
			for _, c := range st.Choices {
				own[key+"."+c] = c
			}
			if st.Field != "" {
				own[d.Name+".field."+st.Field] = st.Field
			}
		}
	}
	return texts(t, own)
}

type bench struct {
	*engine.Engine
	t       testing.TB
	dir     string // of the ledger
	clock   *clock
	records *shelf
	ledger  ledger.Ledger
	n       int
}

// open makes an engine over a ledger in the folder, so that another one can be opened on what it left.
func open(t testing.TB, dir string, dialogues []bot.Dialogue) *bench {
	t.Helper()
	b := &bench{t: t, dir: dir, ledger: openLedger(t, dir), records: &shelf{applied: map[string]bot.Entry{}}, clock: &clock{at: time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)}}
	b.with(dialogues)
	return b
}

// with puts other dialogues over the same ledger and records: a new release.
func (b *bench) with(dialogues []bot.Dialogue) {
	b.t.Helper()
	e, err := engine.New(engine.Config{
		Dialogues: dialogues, Texts: textsOf(b.t, dialogues), Words: words(b.t), Ledger: b.ledger, Records: b.records,
		Now: b.clock.now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.Engine = e
}

func (b *bench) message(user, text string) bot.Message {
	b.n++
	return bot.Message{ID: fmt.Sprintf("m%d", b.n), From: bot.Identity{Channel: "test", User: user}, Text: text}
}

func (b *bench) say(user, text string) bot.Reply {
	b.t.Helper()
	r, err := b.Turn(b.t.Context(), b.message(user, text))
	if err != nil {
		b.t.Fatalf("%q: %v", text, err)
	}
	return r
}

func said(r bot.Reply, part string) bool {
	return strings.Contains(strings.Join(r.Texts, "\n"), part)
}

// menu is the least that every set of dialogues needs.
var menu = bot.Dialogue{
	Name: "menu", Version: 1, Intents: []bot.Intent{bot.NavHome}, Start: "menu", Quiet: true,
	States: []bot.State{{Name: "menu", Choices: []string{"form"}, Edges: []bot.Edge{{On: "form", To: bot.Enter("form")}}}},
}

type formV1 struct {
	Name   bot.Personal  `json:"name"`
	Phone  bot.Personal  `json:"phone"`
	Trades []bot.TradeID `json:"trades"`
}

// form is a small intake: three questions, a summary, one effect.
var form = bot.Dialogue{
	Name: "form", Version: 1, Intents: []bot.Intent{bot.RegisterStart}, Form: formV1{}, Start: "name",
	States: []bot.State{
		{Name: "name", Accept: bot.PersonName, Field: "name", Edges: []bot.Edge{{On: bot.Answered, To: "phone"}}},
		{Name: "phone", Accept: bot.Phone, Field: "phone", Edges: []bot.Edge{{On: bot.Answered, To: "trades"}}},
		{Name: "trades", Accept: bot.TradeList, Field: "trades", Edges: []bot.Edge{{On: bot.Answered, To: "summary"}}},
		{Name: "summary", Summary: true, Decide: save, Edges: []bot.Edge{{On: bot.Yes, To: "done"}}},
		{Name: "done", End: "done"},
	},
}

func save(t *bot.Turn) (bot.Outcome, error) {
	f, err := bot.FormOf[formV1](t)
	if err != nil {
		return "", err
	}
	t.Do(bot.SaveWorker{Name: f.Name, Phone: f.Phone, Trades: f.Trades, Number: t.Number("DJ")})
	return bot.Yes, nil
}

func contextThatEnds(t *testing.T) (context.Context, func()) {
	return context.WithCancel(t.Context())
}

func (s *shelf) Identities(context.Context, bot.WorkerID) ([]bot.Identity, error) {
	return s.known, nil
}
