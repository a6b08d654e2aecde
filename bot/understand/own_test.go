package understand_test

import (
	"os"
	"strings"
	"testing"

	"yilu/bot"
	"yilu/bot/understand"
)

// TestOwn holds that an operator's words are understood without a release, and that a faulty line is named.
func TestOwn(t *testing.T) {
	t.Parallel()
	files := os.DirFS("../../locales/lexicon")
	const text = "# ours\n\ntrade t02 = 砌花台, 花台工\nplace jimei = 示例村\nphrase jobs.search = 摆摊~有得整, 有得整\ncommand nav.help = 整不来\nemergency = 示例大险情\ncrisis = 示例想去天边了\n"
	w, err := understand.Load(files, understand.Own{Name: "own.txt", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text   string
		intent bot.Intent
	}{
		{"集美有没有砌花台的活", bot.JobsSearch},
		{"有得整没得", bot.JobsSearch},
		{"整不来", bot.NavHelp},
		{"这边示例大险情", bot.Emergency},
		{"我示例想去天边了", bot.Crisis},
		{"没有示例大险情", bot.Unknown},
	} {
		if got := w.Frame(c.text, clock); got.Intent != c.intent {
			t.Errorf("%q: %s, want %s", c.text, got.Intent, c.intent)
		}
		if got := words.Frame(c.text, clock); got.Intent == c.intent && c.intent != bot.Unknown && c.intent != bot.JobsSearch {
			t.Errorf("%q is %s without the file", c.text, got.Intent)
		}
	}
	if f := w.Frame("示例村砌花台", clock); len(f.Slots.Trades) != 1 || f.Slots.Trades[0] != "t02" || f.Slots.District != "集美" {
		t.Errorf("slots: %+v", f.Slots)
	}
	for line, want := range map[string]string{
		"trade t99 = 新活":          `no trade "t99"`,
		"trade t02 = 焊工":          "another trade",
		"trade t02":               "not of the form",
		"trade t02 = ,":           "not of the form",
		"place nowhere = 某村":      "no district",
		"place jimei = 杏林":        "already",
		"phrase jobs.serch = 整":   "no wish",
		"phrase jobs.search = 没~": "pattern",
		"command nav.help = 取消":   "already",
		"something = 整":           "begins with",
	} {
		_, err := understand.Load(files, understand.Own{Name: "own.txt", Text: []byte("# one\n\n" + line + "\n")})
		if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), "own.txt: line 3") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}
