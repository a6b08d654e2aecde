package dialogs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/cases"
	"yilu/bot/datafile"
	"yilu/bot/engine"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/records"
	"yilu/bot/talk"
	"yilu/bot/understand"
	"yilu/dialogs"
	"yilu/locales"
)

var update = flag.Bool("update", false, "write what the bot says into the transcripts")

// conversation plays transcripts (see package talk) against the engine. Their directives:
//
//	! at 2026-11-23T09:00:00+08:00   the clock (this is where it begins)
//	! wait 72h                       the clock goes on
//	! lang en                        the channel's hint of the language
//	! records down | up              the records do not answer, or do again
//	! writes down | up               the records can be read, and not written
//	! staff receive                  staff take a step in the newest case of whoever talks, with words for them if any
//	! stations none                  the list of stations is not in yet
//	! post P-01 closed               a post changes its state, and is verified now
//	! as web:b                       somebody else talks, or the same person on another channel
//	! abroad on | off                the channel stores data abroad, or does not
//	! room 300                       how many bytes one answer can hold
//	! open web:b                     that identity opens the link of the last reply
//
// and what is said in braces is something else than words: {photo}, {voice}, {heard words}, {joined scene}, {left},
// {unreadable}, {place 24.57 118.10 label}, {send i:nav.home} for a menu entry or
// a command of the channel, {page}, which shows the last exchange without saying anything.
//
// Between any two lines the session passes through its stored form, because the ledger keeps bytes (T10).
type conversation struct {
	t       *testing.T
	engine  *engine.Engine
	records *flaky
	now     time.Time
	from    bot.Identity
	lang    string
	abroad  bool
	room    int
	last    bot.Reply
	said    int
}

// flaky are the real records, which can be made not to answer.
type flaky struct {
	*records.Records
	down     bool
	refuse   bool // they can be read, and not written
	empty    bool // there are no stations
	counting *cases.Counting
	now      func() time.Time
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

func (f *flaky) Identities(ctx context.Context, id bot.WorkerID) ([]bot.Identity, error) {
	if f.down {
		return nil, errDown
	}
	return f.Records.Identities(ctx, id)
}

func (f *flaky) Stations(ctx context.Context) ([]bot.Station, error) {
	if f.down {
		return nil, errDown
	}
	if f.empty {
		return nil, nil
	}
	return f.Records.Stations(ctx)
}

func (f *flaky) Answers(ctx context.Context, scheme bot.Scheme, topic bot.InsuranceTopic) ([]bot.Approved, error) {
	if f.down {
		return nil, errDown
	}
	return f.Records.Answers(ctx, scheme, topic)
}

func (f *flaky) Cases(ctx context.Context, id bot.WorkerID) ([]bot.Case, error) {
	if f.down {
		return nil, errDown
	}
	list, err := f.Records.Cases(ctx, id)
	for i := range list {
		list[i].Clocks = f.counting.Clocks(list[i].Dispute.Route, list[i].History, f.now())
	}
	return list, err
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

// what all conversations share, made once.
type shared struct {
	words *understand.Words
	texts *locale.Texts
	file  []byte // a data file with the posts of the transcripts
}

var prepared = sync.OnceValues(func() (made shared, err error) {
	lexicon, err := fs.Sub(locales.Files, "lexicon")
	if err != nil {
		return made, err
	}
	if made.words, err = understand.Load(lexicon); err != nil {
		return made, err
	}
	if made.texts, err = locale.Load(locales.Files, "zh-CN", locale.Names{Trade: made.words.TradeName, District: made.words.DistrictName}); err != nil {
		return made, err
	}
	var posts []bot.Post
	raw, err := os.ReadFile("testdata/posts.json")
	if err != nil {
		return made, err
	}
	if err := json.Unmarshal(raw, &posts); err != nil {
		return made, err
	}
	var answers []bot.Approved
	var stations []bot.Station
	for file, into := range map[string]any{"answers": &answers, "stations": &stations} {
		raw, err := os.ReadFile("testdata/" + file + ".json")
		if err == nil {
			err = json.Unmarshal(raw, into)
		}
		if err != nil {
			return made, err
		}
	}
	folder, err := os.MkdirTemp("", "yilu")
	if err != nil {
		return made, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "yilu.db")
	file, err := datafile.Open(path)
	if err != nil {
		return made, err
	}
	defer file.Close()
	if _, err := ledger.NewEmbedded(context.Background(), file); err != nil {
		return made, err
	}
	store, err := records.Open(context.Background(), file)
	if err != nil {
		return made, err
	}
	if err := errors.Join(store.PutPosts(context.Background(), posts), store.PutAnswers(context.Background(), answers), store.PutStations(context.Background(), stations)); err != nil {
		return made, err
	}
	if err := file.Close(); err != nil {
		return made, err
	}
	made.file, err = os.ReadFile(path)
	return made, err
})

func loadTexts(t testing.TB) (*understand.Words, *locale.Texts) {
	t.Helper()
	made, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	return made.words, made.texts
}

func newConversation(t *testing.T, cover *coverage) *conversation {
	t.Helper()
	made, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "yilu.db")
	if err := os.WriteFile(path, made.file, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := datafile.Open(path)
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
	counting, err := cases.NewCounting()
	if err != nil {
		t.Fatal(err)
	}
	k := &conversation{t: t, records: &flaky{Records: rec, counting: counting}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen), from: bot.Identity{Channel: "talk", User: "a"}, lang: "zh-CN"}
	k.records.now = func() time.Time { return k.now }
	k.engine, err = engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: made.texts, Words: made.words, Ledger: led, Records: k.records,
		Now: func() time.Time { return k.now }, Log: slog.New(slog.DiscardHandler), Trace: cover.trace,
		Secret: []byte("the same in every run"), Public: "https://chat.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Say is one message of the worker.
func (k *conversation) Say(words string) ([]string, error) {
	if inner, ok := strings.CutPrefix(words, "{"); ok && strings.IndexByte(inner, '}') == len(inner)-1 {
		what, rest, _ := strings.Cut(strings.TrimSuffix(inner, "}"), " ")
		return k.other(what, rest)
	}
	return k.turn(bot.Message{Text: words})
}

// other is a message of something else than words.
func (k *conversation) other(what, rest string) ([]string, error) {
	switch what {
	case "photo", "voice", "document":
		return k.turn(bot.Message{Files: []bot.File{{Ref: "test:1", Kind: bot.FileKind(what)}}, Text: rest})
	case "send":
		return k.turn(bot.Message{Choice: rest})
	case "heard":
		return k.turn(bot.Message{Files: []bot.File{{Ref: "test:2", Kind: bot.Voice}}, Text: rest, Heard: true})
	case "joined", "left", "scanned", "unreadable":
		return k.turn(bot.Message{Event: bot.Event(what), Scene: rest})
	case "place":
		p := &bot.Point{}
		if n, _ := fmt.Sscan(rest, &p.Lat, &p.Lng, &p.Label); n < 2 {
			return nil, fmt.Errorf("unknown place: %s", rest)
		}
		return k.turn(bot.Message{Point: p})
	case "page":
		past, err := k.engine.History(k.t.Context(), k.from)
		if err != nil || len(past) == 0 {
			return nil, errors.Join(err, errors.New("there is nothing on the page"))
		}
		k.last = past[len(past)-1].Reply
		return talk.Lines(k.last), nil
	}
	return nil, fmt.Errorf("unknown: {%s}", what)
}

// Press is a choice of the last reply.
func (k *conversation) Press(label string) ([]string, error) {
	for _, c := range k.last.Choices {
		if c.Label == label {
			return k.turn(bot.Message{Choice: c.Send})
		}
	}
	return nil, fmt.Errorf("there is no choice %q to press", label)
}

func (k *conversation) turn(m bot.Message) ([]string, error) {
	k.said++
	m.ID, m.From, m.Lang, m.Abroad, m.Room = fmt.Sprintf("m%d", k.said), k.from, k.lang, k.abroad, k.room
	reply, err := k.engine.Turn(k.t.Context(), m)
	k.last = reply
	return talk.Lines(reply), err
}

// staff takes a step in the newest case of whoever talks.
func (k *conversation) staff(action, told string) error {
	mine, err := k.records.Records.Cases(k.t.Context(), k.from.Worker())
	if err != nil || len(mine) == 0 {
		return errors.Join(err, errors.New("there is no case"))
	}
	if told == "" {
		told = "【示例】工作人员的话"
	}
	_, err = k.records.Act(k.t.Context(), mine[0].Number, 0, "lin", cases.Request{
		Action: action, By: cases.Lead, Note: bot.NewPersonal("n"), Told: bot.NewPersonal(told), Whom: "lin",
	}, k.now)
	return err
}

// Set does what a directive says.
func (k *conversation) Set(words []string) error {
	want := map[string]int{"at": 2, "wait": 2, "lang": 2, "records": 2, "writes": 2, "post": 3, "as": 2, "abroad": 2, "room": 2, "open": 2, "staff": len(words), "stations": 2}[words[0]]
	if len(words) != want {
		return fmt.Errorf("unknown: ! %s", strings.Join(words, " "))
	}
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
	case "as":
		k.from = identity(words[1])
	case "abroad":
		k.abroad = words[1] == "on"
	case "stations":
		k.records.empty = words[1] == "none"
	case "staff":
		err = k.staff(words[1], strings.Join(words[2:], " "))
	case "room":
		k.room, err = strconv.Atoi(words[1])
	case "open":
		_, pass, ok := strings.Cut(strings.Join(k.last.Texts, "\n"), "/go/")
		if !ok {
			return errors.New("there is no link to open")
		}
		pass, _, _ = strings.Cut(pass, "\n")
		err = k.engine.Redeem(k.t.Context(), pass, identity(words[1]))
	case "post":
		var p bot.Post
		p, err = k.records.Records.Post(k.t.Context(), bot.PostID(words[1]))
		p.State, p.Verified = bot.PostState(words[2]), k.now
		if err == nil {
			err = k.records.PutPosts(k.t.Context(), []bot.Post{p})
		}
	}
	return err
}

func identity(key string) bot.Identity {
	channel, user, _ := strings.Cut(key, ":")
	return bot.Identity{Channel: channel, User: user}
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
				got, err := talk.Play(source, newConversation(t, cover))
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Equal(got, source) {
					return
				}
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				t.Errorf("the bot said something else (go test ./dialogs -update writes it down):\n%s", talk.Difference(source, got))
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
