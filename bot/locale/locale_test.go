package locale_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"yilu/bot"
	"yilu/bot/locale"
	"yilu/locales"
)

var names = locale.Names{
	Trade:    func(id bot.TradeID, lang string) string { return lang + ":" + string(id) },
	District: func(d bot.District, lang string) string { return string(d) },
}

func load(t *testing.T, files map[string]string) (*locale.Texts, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for path, text := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return locale.Load(fsys, "zh-CN", names)
}

// A text is whole or an error: neither a missing key nor a missing variable shows as a hole.
func TestTextIsWholeOrAnError(t *testing.T) {
	t.Parallel()
	texts, err := load(t, map[string]string{"zh-CN/a.toml": `"a.plain" = "好"
"a.name" = "{{.Name}}好"
"a.other" = "{{.Missing}}"`})
	if err != nil {
		t.Fatal(err)
	}
	data := struct{ Name string }{"陈"}
	if got, err := texts.Text("zh-CN", "a.name", data); got != "陈好" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	for key, part := range map[string]string{"a.gone": "a.gone", "a.other": "Missing"} {
		got, err := texts.Text("zh-CN", key, data)
		if err == nil || got != "" || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %q %v", key, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "陈") {
			t.Errorf("the error tells the data: %v", err)
		}
	}
}

func TestLoadNamesTheFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, part string }{
		"key of another file": {"zh-CN/a.toml", `"b.x" = "x"`, "b.x"},
		"no TOML":             {"zh-CN/a.toml", `"a.x" = `, "zh-CN/a.toml"},
		"no default":          {"en/a.toml", `"a.x" = "x"`, "zh-CN"},
	} {
		if _, err := load(t, map[string]string{c.file: c.text}); bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	texts, err := load(t, map[string]string{
		"zh-CN/a.toml": `"a.both" = "{{.N}}"
"a.only" = "x"
"a.vars" = "{{.A}}"
"a.broken" = "{{.A"`,
		"en/a.toml": `"a.both" = "{{.N}}"
"a.vars" = "{{.B}}"
"a.broken" = "fine"`,
	})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(texts.Problems(), "\n")
	for _, part := range []string{"en a.only: the text is missing", "a.vars: uses {", "zh-CN a.broken: the template cannot be read"} {
		if !strings.Contains(all, part) {
			t.Errorf("not told: %s\n%s", part, all)
		}
	}
	if strings.Contains(all, "a.both") {
		t.Errorf("told without need:\n%s", all)
	}
}

func TestLangOfHint(t *testing.T) {
	t.Parallel()
	texts, err := locale.Load(locales.Files, "zh-CN", names)
	if err != nil {
		t.Fatal(err)
	}
	for hint, want := range map[string]string{
		"": "zh-CN", "zh-CN": "zh-CN", "zh-Hant-TW": "zh-CN", "en": "en", "en-GB,en;q=0.9": "en", "fr-FR,en;q=0.5": "en", "fr": "zh-CN", "??": "zh-CN",
	} {
		if got := texts.Lang(hint); got != want {
			t.Errorf("%q: %s, want %s", hint, got, want)
		}
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	texts, err := locale.Load(locales.Files, "zh-CN", names)
	if err != nil {
		t.Fatal(err)
	}
	everywhere := make([]bot.Place, len(bot.Districts))
	for i, d := range bot.Districts {
		everywhere[i].District = d
	}
	for _, c := range []struct {
		value  any
		zh, en string
	}{
		{bot.Pay{Min: 30000, Unit: bot.PerDay}, "每天300元", "300 yuan a day"},
		{bot.Pay{Min: 18000, Max: 20000, Unit: bot.PerDay}, "每天180–200元", "180–200 yuan a day"},
		{bot.Pay{Min: 2550, Unit: bot.PerHour}, "每小时25.5元", "25.5 yuan an hour"},
		{bot.Pay{Min: 50, Unit: bot.PerPiece}, "每件0.5元", "0.5 yuan a piece"},
		{bot.Pay{Unit: bot.PerDay}, "工钱面议", "pay to be agreed"},
		{bot.Date("2026-11-23"), "11月23日（周一）", "Mon 23/11"},
		{bot.Date("nonsense"), "", ""},
		{bot.Birth{Year: 1968}, "1968年生", "born 1968"},
		{bot.Birth{Age: 40, On: "2026-11-23"}, "40岁", "40 years old"},
		{bot.NewPersonal("13805921234"), "138 0592 1234", "138 0592 1234"},
		{bot.NewPersonal("老陈"), "老陈", "老陈"},
		{[]bot.TradeID{"t02", "t03"}, "zh-CN:t02、zh-CN:t03", "en:t02, en:t03"},
		{[]bot.Place{{District: bot.Xiangan, Name: "马巷"}}, "xiangan·马巷", "xiangan·马巷"},
		{everywhere, "全厦门都行", "anywhere in Xiamen"},
		{bot.Daily, "日结", "paid daily"},
		{bot.Settle(""), "", ""},
		{3, "3", "3"},
		{true, "是", "yes"},
	} {
		for lang, want := range map[string]string{"zh-CN": c.zh, "en": c.en} {
			if got, err := texts.Say(lang, c.value); got != want || err != nil {
				t.Errorf("%s %#v: %q %v, want %q", lang, c.value, got, err, want)
			}
		}
	}
	if _, err := texts.Say("en", struct{}{}); bot.CodeOf(err) != bot.Internal {
		t.Error(err)
	}
}
