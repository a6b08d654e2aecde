package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"yilu/bot"
	"yilu/bot/engine"
	"yilu/bot/locale"
)

// checked is a pair of dialogues that is in order: "home", the menu, and "lunch", which asks one question. The cases of
// TestCheck break it in one place each.
type checked struct {
	home, lunch bot.Dialogue
	texts       map[string]map[string]string // by language and key
}

func inOrder() *checked {
	c := &checked{
		home: bot.Dialogue{
			Name: "home", Version: 1, Intents: []bot.Intent{bot.NavHome}, Start: "menu",
			States: []bot.State{{Name: "menu", Choices: []string{"lunch"}, Edges: []bot.Edge{{On: "lunch", To: bot.Enter("lunch")}}}},
		},
		lunch: bot.Dialogue{
			Name: "lunch", Version: 1, Start: "dish",
			Form: struct {
				Dish string `json:"dish"`
				Ok   bool   `json:"ok"`
			}{},
			States: []bot.State{
				{Name: "dish", Accept: bot.FreeText, Field: "dish", Edges: []bot.Edge{{On: bot.Answered, To: "sure"}}},
				{Name: "sure", Accept: bot.YesNo, Edges: []bot.Edge{{On: bot.Yes, To: "done"}, {On: bot.No, To: "dish"}}},
				{Name: "done", End: "ordered"},
			},
		},
		texts: map[string]map[string]string{"zh-CN": {}, "en": {}},
	}
	for lang := range c.texts {
		for _, key := range []string{"home.title", "home.menu", "home.menu.again", "home.menu.lunch", "lunch.title", "lunch.dish", "lunch.dish.again", "lunch.field.dish", "lunch.sure", "lunch.sure.again", "lunch.done"} {
			c.texts[lang][key] = key
		}
		c.texts[lang]["common.yes"], c.texts[lang]["common.no"] = "yes", "no"
	}
	return c
}

// state finds a state of lunch.
func (c *checked) state(name string) *bot.State {
	i := slices.IndexFunc(c.lunch.States, func(s bot.State) bool { return s.Name == name })
	return &c.lunch.States[i]
}

// problems checks the pair and leaves out what the engine's own texts lack, which these languages do not have.
func (c *checked) problems(t *testing.T) []string {
	t.Helper()
	files := fstest.MapFS{}
	for lang, texts := range c.texts {
		byFile := map[string][]string{}
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			name, _, _ := strings.Cut(key, ".")
			byFile[name] = append(byFile[name], `"`+key+`" = "`+texts[key]+`"`)
		}
		for name, lines := range byFile {
			files[lang+"/"+name+".toml"] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
		}
	}
	texts, err := locale.Load(files, "zh-CN", locale.Names{})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, p := range engine.Check([]bot.Dialogue{c.home, c.lunch}, texts) {
		if p.Dialogue != "(engine)" {
			found = append(found, p.String())
		}
	}
	return found
}

// TestCheck carries T12: whatever is wrong with a dialogue is found, by dialogue, state and reason.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*checked)
		want  []string // each is a whole problem; nothing else is found
	}{
		"in order": {func(*checked) {}, nil},
		"unreachable state": {func(c *checked) {
			c.lunch.States = append(c.lunch.States, bot.State{Name: "attic", End: "ordered", Silent: true})
		}, []string{"lunch.attic: it cannot be reached from dish"}},
		"cannot finish": {func(c *checked) {
			c.state("sure").Edges[1].To = "loop"
			c.lunch.States = append(c.lunch.States, bot.State{Name: "loop", Edges: []bot.Edge{{On: bot.Next, To: "loop"}}})
		}, []string{"lunch.loop: it cannot finish: no path leads to an end"}},
		"text missing in one language": {func(c *checked) { delete(c.texts["en"], "lunch.dish") },
			[]string{"lunch.dish: the text lunch.dish is missing in en"}},
		"simpler words missing": {func(c *checked) { delete(c.texts["zh-CN"], "lunch.sure.again") },
			[]string{"lunch.sure: the text lunch.sure.again is missing in zh-CN"}},
		"label of a choice missing": {func(c *checked) { delete(c.texts["en"], "home.menu.lunch") },
			[]string{"home.menu: the text home.menu.lunch is missing in en"}},
		"name of a field missing": {func(c *checked) { delete(c.texts["en"], "lunch.field.dish") },
			[]string{"lunch.dish: the text lunch.field.dish is missing in en"}},
		"duplicate transition": {func(c *checked) {
			c.state("sure").Edges = append(c.state("sure").Edges, bot.Edge{On: bot.Yes, To: "dish"})
		}, []string{"lunch.sure: the outcome yes has two edges"}},
		"outcome without an edge": {func(c *checked) { c.state("sure").Edges = c.state("sure").Edges[:1] },
			[]string{"lunch.sure: the outcome no leads nowhere: it has no edge"}},
		"edge to no state": {func(c *checked) { c.state("sure").Edges[1].To = "nowhere" },
			[]string{`lunch.sure: the outcome no leads nowhere: there is no state "nowhere"`}},
		"edge into no dialogue": {func(c *checked) { c.state("sure").Edges[1].To = bot.Enter("dinner") },
			[]string{`lunch.sure: the outcome no enters "dinner", which is no dialogue`}},
		"two states of one name": {func(c *checked) {
			c.lunch.States = append(c.lunch.States, bot.State{Name: "done", End: "ordered", Silent: true})
		}, []string{"lunch.done: there are two states of this name"}},
		"no first state": {func(c *checked) { c.lunch.Start = "soup" },
			[]string{`lunch: the first state "soup" is not there`}},
		"answer does not fit the form": {func(c *checked) { c.state("dish").Accept = bot.PartySize },
			[]string{"lunch.dish: the field dish is a string, but the answer is a int"}},
		"field that the form lacks": {func(c *checked) { c.state("dish").Field = "plate"; delete(c.texts["en"], "lunch.field.dish") },
			[]string{`lunch.dish: the form has no field "plate"`, "lunch.dish: the text lunch.field.plate is missing in zh-CN", "lunch.dish: the text lunch.field.plate is missing in en"}},
		"two dialogues for one intent": {func(c *checked) { c.lunch.Intents = []bot.Intent{bot.NavHome} },
			[]string{"lunch: the intent nav.home starts home already"}},
		"no version": {func(c *checked) { c.lunch.Version = 0 }, []string{"lunch: the version must be 1 or more"}},
		"no menu": {func(c *checked) { c.home.Intents = nil },
			[]string{"(all): no dialogue is started by nav.home: there is no menu"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := inOrder()
			c.spoil(set)
			got := set.problems(t)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("found\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}
