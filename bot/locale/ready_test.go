package locale_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	ttemplate "text/template"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"yilu/bot"
	"yilu/bot/locale"
	"yilu/locales"
)

// reference fills a text by go-i18n and text/template alone.
func reference(t *testing.T, texts *locale.Texts, lang, key string) func(data any) (string, error) {
	t.Helper()
	tag := language.Make(lang)
	bundle := i18n.NewBundle(tag)
	if err := bundle.AddMessages(tag, &i18n.Message{ID: key, Other: texts.Source(lang, key)}); err != nil {
		t.Fatal(err)
	}
	localizer := i18n.NewLocalizer(bundle, lang)
	say := func(v any) (string, error) { return texts.Say(lang, v) }
	return func(data any) (string, error) {
		return localizer.Localize(&i18n.LocalizeConfig{
			MessageID: key, TemplateData: data, TemplateParser: &template.TextParser{Funcs: ttemplate.FuncMap{"say": say}},
		})
	}
}

type told string

func (told) String() string { return "told" }

type failing struct{ N int }

func (failing) Error() string { return "failing" }

type shaped struct{ N int }

func (shaped) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("shaped")) }

// odd has a method by the name that is a field elsewhere, and deep has both: text/template takes the method.
type odd struct{ Plain string }
type numbered struct{ Number string }
type deep struct{ numbered }

func (deep) Number() string { return "from a method" }

func (odd) Number() string { return "from a method" }

var (
	// spoken are values that have words; printed are those that show as they are; and the wild ones may do anything.
	spoken = []any{
		"", "【示例】", 0, 1, -7, true, false, bot.NewPersonal(""), bot.NewPersonal("【示例】"), bot.NewPersonal("13800000000"),
		bot.TradeID("t02"), []bot.TradeID(nil), []bot.TradeID{"t02"}, []bot.TradeID{"t02", "t56"}, bot.Tongan, bot.District(""),
		bot.Place{District: bot.Jimei}, bot.Place{District: bot.Xiangan, Name: "【示例】"}, []bot.Place(nil),
		[]bot.Place{{District: bot.Jimei}, {District: bot.Jimei}, {District: bot.Xiangan, Name: "【示例】"}}, everywhere(),
		bot.Pay{}, bot.Pay{Min: 30000, Unit: bot.PerDay}, bot.Pay{Min: 18050, Max: 20000, Unit: bot.PerHour}, bot.Pay{Max: 5, Unit: bot.PerPiece},
		bot.Pay{Min: 100}, bot.Daily, bot.Settle(""), bot.NightShift, bot.Shift(""), bot.Clock("08:00"), bot.Clock(""),
		bot.Date("2026-11-23"), bot.Date(""), bot.Date("nonsense"), bot.Birth{}, bot.Birth{Year: 1968}, bot.Birth{Age: 40, On: "2026-11-23"},
	}
	printed = []any{
		"", "【示例】", "<b>&\"'", "{{.Number}}", 0, 1, 2, 12, -3, int64(1), int8(1), uint(1), true, false, bot.PostID("P-01"),
		bot.NewPersonal("【示例】"), bot.Date("2026-11-23"), bot.Tongan, told("x"), failing{1}, shaped{3},
	}
	wild = []any{
		1.5, told("x"), failing{1}, &failing{2}, shaped{3}, odd{"【示例】"}, []string{"a", "b"}, []string{}, map[string]int{"a": 1}, map[string]int{}, [2]int{1, 2},
		bot.Pay{Min: 1}, bot.Settle("unknown"), bot.Pay{Min: 1, Unit: "unknown"}, struct{ A, B int }{1, 2}, new("【示例】"),
		(*string)(nil), any(nil), func() {}, make(chan int), uint8(7), complex(1, 2), 'x',
	}
)

func everywhere() []bot.Place {
	out := make([]bot.Place, len(bot.Districts))
	for i, d := range bot.Districts {
		out[i].District = d
	}
	return out
}

// sample is a place for one field in the data of a text.
type sample struct {
	name   string
	said   bool
	inside []*sample
}

var action = regexp.MustCompile(`\{\{.*?\}\}`)
var path = regexp.MustCompile(`(?:\.[A-Z]\w*)+`)

// samplesOf lists the fields that a text uses.
func samplesOf(text string) *sample {
	root := &sample{}
	for _, a := range action.FindAllString(text, -1) {
		for _, p := range path.FindAllString(a, -1) {
			at := root
			for _, name := range strings.Split(p[1:], ".") {
				var next *sample
				for _, s := range at.inside {
					if s.name == name {
						next = s
					}
				}
				if next == nil {
					next = &sample{name: name}
					at.inside = append(at.inside, next)
				}
				at = next
			}
			at.said = at.said || strings.Contains(a, "say ")
		}
	}
	return root
}

// value makes data of a type that nobody has written down.
func (s *sample) value(rng *rand.Rand) reflect.Value {
	if len(s.inside) == 0 || rng.IntN(40) == 0 {
		from := printed
		if s.said {
			from = spoken
		}
		if rng.IntN(25) == 0 {
			from = wild
		}
		v := reflect.ValueOf(from[rng.IntN(len(from))])
		if !v.IsValid() {
			v = reflect.Zero(reflect.TypeFor[any]())
		}
		return v
	}
	var fields []reflect.StructField
	var values []reflect.Value
	for _, in := range s.inside {
		if rng.IntN(60) == 0 {
			continue // it is missing
		}
		v := in.value(rng)
		fields = append(fields, reflect.StructField{Name: in.name, Type: v.Type()})
		values = append(values, v)
	}
	out := reflect.New(reflect.StructOf(fields)).Elem()
	for i, v := range values {
		out.Field(i).Set(v)
	}
	if rng.IntN(40) == 0 {
		return out.Addr()
	}
	return out
}

// A text that is filled without go-i18n is the one that go-i18n makes of the same data, byte for byte, and is refused
// where go-i18n refuses it: every text of every language, with values of every type.
func TestReadyIsWhatGoI18nMakes(t *testing.T) {
	t.Parallel()
	texts, err := locale.Load(locales.Files, "zh-CN", names)
	if err != nil {
		t.Fatal(err)
	}
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	whole, refused := 0, 0
	for _, lang := range texts.Langs() {
		for _, key := range texts.Keys(lang, "") {
			rng := rand.New(rand.NewPCG(1, 2))
			s := samplesOf(texts.Source(lang, key))
			if len(s.inside) == 0 {
				continue
			}
			fill := reference(t, texts, lang, key)
			for range rounds {
				same(t, texts, fill, lang, key, s.value(rng).Interface(), &whole, &refused)
			}
			for _, data := range []any{
				nil, struct{}{}, odd{}, &odd{}, struct{ odd }{}, struct{ *odd }{}, 1, "x", map[string]any{"Number": 1}, map[string]string{},
				struct{ Post, Worker any }{bot.Post{Title: "【示例】"}, bot.Worker{}}, struct{ number string }{"x"},
			} {
				same(t, texts, fill, lang, key, data, &whole, &refused)
			}
		}
	}
	if whole < 10*rounds || refused < rounds {
		t.Errorf("%d texts, %d refused: the samples do not try enough", whole, refused)
	}
}

// Texts that nobody has written yet, in all that text/template can do.
func TestReadyLeavesTheRestToGoI18n(t *testing.T) {
	t.Parallel()
	sources := []string{
		"a{{.N}}b", "a {{- .N -}} b", "{{/* x */}}{{.N}}", "{{.}}", "{{.N.M}}", "{{.P.Title}}{{.P.Left}}", "{{.P.Open}}", "{{.Number}}", "{{.Plain}}",
		"{{if .N}}1{{else if .S}}2{{else}}3{{end}}", "{{if eq .N 1}}1{{end}}", "{{if eq .N 1 2}}1{{end}}", "{{if eq .S 1}}1{{end}}", `{{if eq .S "x"}}1{{end}}`,
		"{{if eq .N 1.0}}1{{end}}", "{{if eq .N 0x1}}1{{end}}", "{{if eq 1 .N}}1{{end}}", "{{if not .N}}1{{end}}", "{{if ne .N 1}}1{{end}}", "{{if and .N .S}}1{{end}}",
		"{{with .S}}{{.}}{{end}}", "{{range .L}}{{.}}{{end}}", "{{range $i, $x := .L}}{{$i}}{{$x}}{{else}}-{{end}}", "{{$x := .N}}{{$x}}", "{{.N | printf `%03d`}}",
		"{{say .N}}", "{{say .S | len}}", "{{say (say .S)}}", "{{say}}", "{{say .N .S}}", "{{len .L}}", "{{(.P).Title}}", `{{define "x"}}y{{end}}{{.N}}`, `{{template "x"}}`,
		"{{.N", "{{}}", "{{.N}} {{end}}", "{{if .N}}", "{{.n}}", "{{say .P}}", "{{.F}}", "{{say .F}}", "{{if .F}}1{{end}}", "{{if .Q}}1{{end}}", "{{.Q}}", "{{nil}}", "{{true}}", "{{1}}",
		"{{if .P}}1{{end}}", "{{if eq .P 1}}1{{end}}", "{{break}}", "{{if .N}}{{break}}{{end}}", "{{say .Q}}", "{{.Q.Title}}", "{{index .L 0}}", "{{html .S}}", "{{.U}}{{if eq .U 1}}1{{end}}{{say .U}}",
	}
	type inner struct{ Plain string }
	type data struct {
		inner
		N int
		S string
		L []string
		P bot.Post
		F func() string
		Q *bot.Post
		U uint8
		n int
	}
	var file strings.Builder
	for i, s := range sources {
		fmt.Fprintf(&file, "\"a.k%d\" = %q\n", i, s)
	}
	texts, err := load(t, map[string]string{"zh-CN/a.toml": file.String(), "zh-CN/value.toml": `"value.yes" = "是"`})
	if err != nil {
		t.Fatal(err)
	}
	whole, refused := 0, 0
	for i := range sources {
		key := fmt.Sprintf("a.k%d", i)
		fill := reference(t, texts, "zh-CN", key)
		for _, d := range []any{
			data{}, &data{}, data{N: 1, S: "x", L: []string{"a"}, Q: &bot.Post{Title: "q"}, P: bot.Post{Headcount: 3}, F: func() string { return "f" }, U: 1, n: 1},
			odd{"【示例】"}, &odd{"【示例】"}, deep{}, numbered{"n"}, struct{ numbered }{}, struct{ *numbered }{}, nil, map[string]any{"N": 1, "S": "x"}, struct{ N any }{1}, struct{ N, S fmt.Stringer }{told("x"), nil},
		} {
			same(t, texts, fill, "zh-CN", key, d, &whole, &refused)
			same(t, texts, fill, "zh-CN", key, d, &whole, &refused) // and as it was found before
		}
	}
	if whole == 0 || refused == 0 {
		t.Errorf("%d texts, %d refused", whole, refused)
	}
}

func same(t *testing.T, texts *locale.Texts, fill func(any) (string, error), lang, key string, data any, whole, refused *int) {
	t.Helper()
	want, fault := fill(data)
	got, err := texts.Text(lang, key, data)
	if got != want && fault == nil || (err == nil) != (fault == nil) || err != nil && got != "" {
		t.Errorf("%s %s with %#v:\n%q %v, want\n%q %v", lang, key, data, got, err, want, fault)
	}
	if err == nil {
		*whole++
	} else {
		*refused++
	}
}

// BenchmarkText is one line of a list: the text that is filled most.
func BenchmarkText(b *testing.B) {
	texts, err := locale.Load(locales.Files, "zh-CN", names)
	if err != nil {
		b.Fatal(err)
	}
	line := struct {
		Title    string
		District bot.District
		Pay      bot.Pay
		Settle   bot.Settle
		Left     int
		Urgent   bool
	}{"【示例】", bot.Tongan, bot.Pay{Min: 32000, Max: 36000, Unit: bot.PerDay}, bot.Daily, 5, true}
	b.Run("ready", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := texts.Text("zh-CN", "jobs.line", line); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := texts.Text("zh-CN", "common.help", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
