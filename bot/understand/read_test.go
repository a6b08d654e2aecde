package understand_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"yilu/bot"
)

// reading writes a Reading as the data file does: intent, how sure, what is to change; slots; what is asked back.
func reading(r bot.Reading) string {
	head := string(r.Intent)
	switch {
	case r.Whole:
		head += " whole"
	case r.Confidence >= 0.8:
		head += " sure"
	case r.Confidence > 0:
		head += " maybe"
	}
	if r.Edit != "" {
		head += " edit=" + string(r.Edit)
	}
	slots, err := bot.Pack(r.Slots)
	if err != nil {
		return err.Error()
	}
	out := head + " | " + string(slots)
	for _, a := range r.Ask {
		options, err := bot.Pack(a.Options)
		if err != nil {
			return err.Error()
		}
		out += " | ask " + string(a.Parser) + " " + a.Word + " " + string(options)
	}
	return out
}

var update = flag.Bool("update", false, "write down what utterances.txt now means")

func TestRead(t *testing.T) {
	t.Parallel()
	if *update {
		rewrite(t, "testdata/utterances.txt")
	}
	for _, c := range cases(t, "utterances.txt", 3) {
		if got, want := reading(words.Read(c[0], clock)), strings.Join(c[1:], " | "); got != want {
			t.Errorf("%q\n got %s\nwant %s", c[0], got, want)
		}
	}
}

// rewrite writes the readings of today into the file. What changed is then for the eye.
func rewrite(t *testing.T, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\n")
	for i, line := range lines {
		if text, _, ok := strings.Cut(line, " | "); ok && !strings.HasPrefix(line, "# ") {
			lines[i] = text + " | " + reading(words.Read(text, clock))
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// soundReading is what holds of every reading, whatever the text.
func soundReading(t testing.TB, text string, r bot.Reading) {
	t.Helper()
	if r.Confidence < 0 || r.Confidence > 1 || (r.Intent == bot.Unknown) != (r.Confidence == 0) || r.Intent == "" {
		t.Fatalf("%q: %s with confidence %v", text, r.Intent, r.Confidence)
	}
	if r.Whole && r.Confidence != 1 || r.Edit != "" && r.Intent != bot.RegisterEdit {
		t.Fatalf("%q: %s whole %v edit %q", text, r.Intent, r.Whole, r.Edit)
	}
	for _, p := range bot.Parsers {
		if p == bot.StartDay && (r.Intent == bot.DisputeNew || r.Intent == bot.InsuranceClaim) {
			continue // what happened is past
		}
		if v, ok := r.Slots.Get(p); ok {
			soundValue(t, p, text, v)
		}
	}
	asked := map[bot.Parser]bool{}
	for _, a := range r.Ask {
		if len(a.Options) < 2 || a.Word == "" || asked[a.Parser] {
			t.Fatalf("%q: asks %s %q among %v", text, a.Parser, a.Word, a.Options)
		}
		asked[a.Parser] = true
		for _, v := range a.Options {
			soundValue(t, a.Parser, text, v)
		}
	}
	if (r.Slots.Pay.Min > 0 && r.Slots.Pay.Unit == "") != asked[bot.PayWanted] {
		t.Fatalf("%q: pay %v, asked %v", text, r.Slots.Pay, asked[bot.PayWanted])
	}
}
