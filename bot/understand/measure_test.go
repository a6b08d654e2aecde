package understand_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/understand"
)

// labelled is an utterance with what two people would say that it means.
type labelled struct {
	Text   string         `json:"text"`
	Now    time.Time      `json:"now"`
	Intent bot.Intent     `json:"intent"`
	Slots  map[string]any `json:"slots"`
	file   string
	line   int
}

// readLabelled reads files of labelled utterances, one a line.
func readLabelled(t testing.TB, glob string) (all []labelled) {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", glob, err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewScanner(bytes.NewReader(raw))
		for n := 1; in.Scan(); n++ {
			if len(bytes.TrimSpace(in.Bytes())) == 0 {
				continue
			}
			l := labelled{file: filepath.Base(name), line: n, Now: clock}
			d := json.NewDecoder(bytes.NewReader(in.Bytes()))
			d.DisallowUnknownFields()
			if err := d.Decode(&l); err != nil {
				t.Fatalf("%s:%d: %v", name, n, err)
			}
			all = append(all, l)
		}
	}
	return all
}

// units are the single values of slots, each "name=value": of a list every member.
func units(slots map[string]any) (out []string) {
	for name, v := range slots {
		if list, ok := v.([]any); ok {
			for _, x := range list {
				out = append(out, fmt.Sprintf("%s=%v", name, x))
			}
			continue
		}
		raw, _ := json.Marshal(v) // with the keys of pay in order
		out = append(out, name+"="+string(raw))
	}
	slices.Sort(out)
	return out
}

// tally counts how well utterances are understood.
type tally struct {
	lines, intents, frames int
	right, missing, extra  int
	confused               map[string]int
	danger, found          int // lines of danger, and those found as such
	safe, alarms           int // the other lines, and those taken for danger
	wrong                  []string
	bySlot                 map[string]*[3]int
}

func (c *tally) f1() float64 { return 2 * float64(c.right) / float64(2*c.right+c.missing+c.extra) }
func (c *tally) intent() float64 {
	return float64(c.intents) / float64(c.lines)
}
func (c *tally) frame() float64 { return float64(c.frames) / float64(c.lines) }

func (c *tally) String() string {
	return fmt.Sprintf("%d lines: intent %.4f, slot F1 %.4f (%d right, %d missing, %d too many), whole frame %.4f; danger found %d of %d, false alarms %d of %d",
		c.lines, c.intent(), c.f1(), c.right, c.missing, c.extra, c.frame(), c.found, c.danger, c.alarms, c.safe)
}

func newTally() *tally { return &tally{confused: map[string]int{}, bySlot: map[string]*[3]int{}} }

// measure adds how well w understands the utterances.
func (c *tally) measure(t testing.TB, w *understand.Words, all []labelled) {
	t.Helper()
	for _, l := range all {
		f := w.Frame(l.Text, l.Now)
		raw, err := json.Marshal(f.Slots)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		c.lines++
		if f.Intent == l.Intent {
			c.intents++
		} else {
			c.confused[fmt.Sprintf("%s taken for %s", l.Intent, f.Intent)]++
		}
		isDanger := func(i bot.Intent) bool { return i == bot.Emergency || i == bot.Crisis }
		switch {
		case isDanger(l.Intent):
			c.danger++
			if f.Intent == l.Intent {
				c.found++
			}
		default:
			c.safe++
			if isDanger(f.Intent) {
				c.alarms++
			}
		}
		want, have := units(l.Slots), units(got)
		var miss, more []string
		count := func(u string, i int) {
			name, _, _ := strings.Cut(u, "=")
			if c.bySlot[name] == nil {
				c.bySlot[name] = new([3]int)
			}
			c.bySlot[name][i]++
		}
		for _, u := range want {
			if slices.Contains(have, u) {
				c.right++
				count(u, 0)
			} else {
				miss = append(miss, u)
				count(u, 1)
			}
		}
		for _, u := range have {
			if !slices.Contains(want, u) {
				more = append(more, u)
				count(u, 2)
			}
		}
		c.missing, c.extra = c.missing+len(miss), c.extra+len(more)
		if len(miss) == 0 && len(more) == 0 && f.Intent == l.Intent {
			c.frames++
			continue
		}
		what := ""
		if f.Intent != l.Intent {
			what = fmt.Sprintf(" [%s -> %s]", l.Intent, f.Intent)
		} else {
			what = fmt.Sprintf(" (%s)", l.Intent)
		}
		for _, u := range miss {
			what += " -" + u
		}
		for _, u := range more {
			what += " +" + u
		}
		c.wrong = append(c.wrong, fmt.Sprintf("%s:%d %s\n    %s", l.file, l.line, l.Text, what))
	}
}

func (c *tally) log(t testing.TB) {
	t.Helper()
	t.Log(c)
	for _, name := range slices.SortedFunc(maps.Keys(c.confused), func(a, b string) int {
		return cmp.Or(c.confused[b]-c.confused[a], strings.Compare(a, b))
	}) {
		t.Logf("  %d × %s", c.confused[name], name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.bySlot)) {
		n := c.bySlot[name]
		t.Logf("  slot %s: %d right, %d missing, %d too many", name, n[0], n[1], n[2])
	}
}

// The levels that our own utterances reach; below them a change has made something worse.
const (
	leastIntent = 0.99
	leastSlots  = 0.975
	leastFrame  = 0.95
)

// What is asked for, and held by utterances that nothing was tuned on.
const (
	wantedIntent = 0.97
	wantedSlots  = 0.95
	wantedFrame  = 0.85
)

// TestMeasure holds how well people are understood: every labelled utterance in testdata/frames, each kind of error counted.
func TestMeasure(t *testing.T) {
	t.Parallel()
	c := newTally()
	c.measure(t, words, readLabelled(t, "testdata/frames/*.jsonl"))
	c.log(t)
	if c.intent() < leastIntent || c.f1() < leastSlots || c.frame() < leastFrame {
		t.Errorf("less is understood than was: %s", c)
	}
	if c.found < c.danger || c.alarms*100 > c.safe {
		t.Errorf("danger: %s", c)
	}
	if t.Failed() {
		t.Log(strings.Join(c.wrong, "\n"))
	}
}

// TestUnseen holds how well people are understood whose utterances nothing was tuned on and no weights were learnt of:
// testdata/unseen was written last. Tune on it, and write others.
func TestUnseen(t *testing.T) {
	t.Parallel()
	c := newTally()
	c.measure(t, words, readLabelled(t, "testdata/unseen/*.jsonl"))
	c.log(t)
	if c.intent() < wantedIntent || c.f1() < wantedSlots || c.frame() < wantedFrame || c.found < c.danger || c.alarms*100 > c.safe {
		t.Errorf("less is understood than was: %s\n%s", c, strings.Join(c.wrong, "\n"))
	}
}

// TestDanger holds that danger is found in as many words as could be thought of, and that words near it raise no alarm.
// The lines of testdata/danger say what is meant and no slots.
func TestDanger(t *testing.T) {
	t.Parallel()
	c := newTally()
	c.measure(t, words, readLabelled(t, "testdata/danger/*.jsonl"))
	t.Logf("danger found %d of %d, false alarms %d of %d, intent %.4f", c.found, c.danger, c.alarms, c.safe, c.intent())
	if c.danger-c.found > 6 || c.alarms*100 > c.safe { // five are crises of others, and taken for one's own
		t.Errorf("danger found %d of %d, false alarms %d of %d:\n%s", c.found, c.danger, c.alarms, c.safe, strings.Join(c.wrong, "\n"))
	}
}

// TestTry measures files outside of the project, and prints every line that is not understood: YILU_UTTERANCES=*.jsonl.
func TestTry(t *testing.T) {
	glob := os.Getenv("YILU_UTTERANCES")
	if glob == "" {
		return
	}
	c := newTally()
	c.measure(t, words, readLabelled(t, glob))
	c.log(t)
	for _, line := range c.wrong {
		fmt.Println(line)
	}
}
