package main_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"yilu/adapters/adaptertest"
	"yilu/bot"
)

// registration is the part of the script that asks for something; each prefix of it leads to another question.
var registration = script[:slices.IndexFunc(script, func(l line) bool { return l.Choice == "c:registration/summary/yes" })]

// TestAwkwardAnswers carries T24 through the whole stack: whatever is said to whatever question of the registration, over
// HTTP to the real command, is answered, and the menu is one word away.
func TestAwkwardAnswers(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	menu := question(t, say(t, s, newPerson(t, s.url), "first-menu", line{Text: "菜单"}))
	var wait sync.WaitGroup
	names := make(chan string)
	for range 4 {
		wait.Go(func() {
			for name := range names {
				for steps := range len(registration) + 1 {
					awkward(t, s, name, steps, menu)
				}
			}
		})
	}
	for name := range adaptertest.Awkward {
		names <- name
	}
	close(names)
	wait.Wait()
	s.stop()
}

// awkward goes so many steps of the registration, says the awkward text, and asks for the menu.
func awkward(t *testing.T, s *server, name string, steps int, menu string) {
	p := newPerson(t, s.url)
	for i, l := range registration[:steps] {
		say(t, s, p, fmt.Sprintf("message-%d", i), l)
	}
	// As a form: it can carry bytes that are no UTF-8.
	form := url.Values{"id": {"awkward-message"}, "text": {adaptertest.Awkward[name]}}
	req, err := http.NewRequest(http.MethodPost, s.url+"/", strings.NewReader(form.Encode()))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Cookie", p.cookie)
	resp, err := p.client.Do(req) // follows to the page, which shows the answer
	if err != nil {
		t.Errorf("%s after %d steps: %v", name, steps, err)
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Request.Method != http.MethodGet {
		t.Errorf("%s after %d steps: status %d of %s", name, steps, resp.StatusCode, resp.Request.Method)
	}
	if got := question(t, say(t, s, p, "menu-message", line{Text: "菜单"})); got != menu {
		t.Errorf("%s after %d steps: the menu is not one word away: %s", name, steps, got)
	}
}

func say(t *testing.T, s *server, p *person, id string, l line) []byte {
	t.Helper()
	body, err := p.send(s.url, id, l)
	if err != nil {
		s.hung(err)
		t.Errorf("%s: %v", id, err)
	}
	return body
}

// TestAwkwardExport carries T24 for what leaves the house: awkward words that were taken down stand in every export as
// they were said, and no spreadsheet takes them for a formula.
func TestAwkwardExport(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := serve(t, data)
	texts := maps.Clone(adaptertest.Awkward)
	for _, start := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "=cmd|' /C calc'!A0", `"=1+1`, `a,"b";c`} {
		texts["formula "+start] = start
	}
	var want []string
	for _, text := range texts {
		p := newPerson(t, s.url)
		for i, l := range []line{{Choice: "i:jobs.search"}, {Text: "瓦工"}, {Text: "1"}, {Choice: "c:jobs/post/report"}, {Choice: "c:report/reason/wrong_address"}} {
			say(t, s, p, fmt.Sprintf("message-%d", i), l)
		}
		if body := say(t, s, p, "awkward-message", line{Text: text}); strings.Contains(string(body), "JB") {
			want = append(want, bot.Clean(strings.ToValidUTF8(text, "\uFFFD")))
		}
	}
	s.stop()
	if len(want) < len(texts)*2/3 {
		t.Errorf("only %d of %d notes were taken down", len(want), len(texts))
	}
	var got []string
	for _, r := range exported(t, "requests", data) {
		if r["kind"] == "report" {
			note, _ := r["note"].(string)
			got = append(got, note)
		}
	}
	if len(got) < len(want) {
		t.Errorf("%d notes in the export, want %d", len(got), len(want))
	}
	for _, note := range want {
		if !slices.ContainsFunc(got, func(g string) bool { return squeeze(g) == squeeze(note) }) {
			t.Errorf("the export lacks %q; it has %q", note, got)
		}
	}
	for _, what := range []string{"workers", "requests"} {
		rows := len(exported(t, what, data))
		for _, format := range []string{"csv", "xlsx", "json"} {
			file := filepath.Join(t.TempDir(), what+"."+format)
			ok(t, "", "export", what, file, "--data", data)
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := rowsIn(t, format, raw); n != rows {
				t.Errorf("%s as %s: %d rows, want %d", what, format, n, rows)
			}
		}
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestAwkwardPipe carries T24 for the terminal: every awkward line at every question, a line of 10 MB, and bytes that are
// no text; every line is answered, and what is printed drives no terminal.
func TestAwkwardPipe(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	lines := 0
	add := func(l string) {
		in.WriteString(l + "\n")
		lines++
	}
	for _, l := range registration {
		if l.Text == "" {
			l.Text = "1"
		}
		add(l.Text)
		for _, name := range slices.Sorted(maps.Keys(adaptertest.Awkward)) {
			add(strings.Map(func(r rune) rune {
				if r == '\n' || r == '\r' {
					return ' '
				}
				return r
			}, strings.ToValidUTF8(adaptertest.Awkward[name], "\x00")))
			add(strings.ReplaceAll(strings.ReplaceAll(adaptertest.Awkward[name], "\n", " "), "\r", " "))
		}
		add(strings.Repeat("长", 10<<20/3))
		add(strings.Repeat("\xff", 300) + "'; DROP TABLE worker; --")
	}
	add("菜单")
	out := ok(t, in.String(), "chat", "--data", t.TempDir())
	if answers := strings.Count(out, "\n\n"); answers < lines+1 { // and the greeting
		t.Errorf("%d lines, %d answers", lines, answers)
	}
	if !utf8.ValidString(out) || strings.ContainsFunc(out, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		t.Error("what is printed holds control characters")
	}
	if end := out[strings.LastIndex(strings.TrimSpace(out), "\n\n"):]; !strings.Contains(end, "\n1 找活\n") {
		t.Errorf("the last answer is not the menu: %s", end)
	}
}
