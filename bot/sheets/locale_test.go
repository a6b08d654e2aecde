package sheets_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/width"

	"yilu/bot/sheets"
)

var used = regexp.MustCompile(`\b(?:wrong|fail)\("([a-z_.]+)"`)
var variable = regexp.MustCompile(`{{\.(\w+)}}`)

// Every language has every text, with the same variables, and no heading means two columns of one sheet.
func TestLocales(t *testing.T) {
	t.Parallel()
	w := words(t)
	keys := map[string][]string{
		"post": sheets.Posts(w, sheets.Options{}).Keys(), "station": sheets.Stations(w, sheets.Options{}).Keys(), "worker": sheets.Workers(w, sheets.Options{}).Keys(),
		"application": sheets.Applications(w, sheets.Options{}).Keys(), "request": sheets.Requests(w, sheets.Options{}).Keys(), "file": sheets.Files(w, sheets.Options{}).Keys(),
		"link": sheets.Links(w, sheets.Options{}).Keys(), "unclear": sheets.Unclear(w, sheets.Options{}).Keys(), "case": sheets.Cases(w, sheets.Options{}).Keys(), "answer": sheets.Answers(w, sheets.Options{}).Keys(),
	}
	zh, en := locale(t, "zh-CN"), locale(t, "en")
	for key, text := range zh {
		if a, b := variables(text), variables(en[key]); en[key] == "" || a != b {
			t.Errorf("%s: variables %q in Chinese, %q in English", key, a, b)
		}
	}
	for key := range en {
		if zh[key] == "" {
			t.Errorf("%s is missing in Chinese", key)
		}
	}
	for noun, columns := range keys {
		owner := map[string]string{}
		for _, column := range columns {
			for _, texts := range []map[string]string{zh, en} {
				text, ok := texts["sheets."+noun+"."+column]
				if !ok {
					t.Errorf("sheets.%s.%s has no heading", noun, column)
				}
				for label := range strings.SplitSeq(text+"|"+column, "|") {
					label = plain(label)
					if other, taken := owner[label]; taken && other != column {
						t.Errorf("%s: %q heads %s and %s", noun, label, other, column)
					}
					owner[label] = column
				}
			}
		}
	}
}

func plain(label string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' {
			return -1
		}
		return r
	}, width.Fold.String(label)))
}

func variables(text string) string {
	var all []string
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

// Every fault that the code can tell has its text, and every text is used.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(source), -1) {
			told["sheets.fault."+strings.TrimPrefix(m[1], "sheets.fault.")] = true
		}
	}
	texts := locale(t, "zh-CN")
	for key := range told {
		if texts[key] == "" {
			t.Errorf("%s has no text", key)
		}
	}
	for key := range texts {
		if strings.HasPrefix(key, "sheets.fault.") && !told[key] {
			t.Errorf("%s is not used", key)
		}
	}
}
