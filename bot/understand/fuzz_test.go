package understand_test

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"yilu/bot"
	"yilu/bot/understand"
)

// awkward are strings that people and their machines send (anchors T24).
var awkward = []string{
	"", " ", "\x00", "😀👨‍👩‍👧", "\u200b\u200d\ufeff", "\u202e同安\u202c", strings.Repeat("瓦工 ", 4000), strings.Repeat("1", 5000), "１３８０５９２１２３４",
	"'; DROP TABLE workers; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\xff\xfe\xc3", "Z̸̢a̷l̶g̵o̸", "null", "NaN", "-1", "1e309", "零", "万", "一", "第", "9999999999999999999999",
	"一百百百", "十十十", "第第第二个", "①②③", "。。。", "\r\n\t", "0000000000000000", "2026-13-45", "99:99", "星期八", "%s%n%x", "../../etc/passwd", "ﷺ", "𝟙𝟛𝟠", "İstanbul", "和0   我100A", strings.Repeat("没给钱", 700), strings.Repeat("一", 2000), strings.Repeat("三块", 1000),
}

func fuzzParser(f *testing.F, p bot.Parser) {
	for _, c := range cases(f, "parsers.txt", 3) {
		if c[0] == string(p) {
			f.Add(c[1])
		}
	}
	for _, s := range awkward {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		soundParsed(t, p, s, words.Parse(p, s, clock))
	})
}

func FuzzText(f *testing.F)   { fuzzParser(f, bot.FreeText) }
func FuzzName(f *testing.F)   { fuzzParser(f, bot.PersonName) }
func FuzzPhone(f *testing.F)  { fuzzParser(f, bot.Phone) }
func FuzzYesNo(f *testing.F)  { fuzzParser(f, bot.YesNo) }
func FuzzBirth(f *testing.F)  { fuzzParser(f, bot.BirthOrAge) }
func FuzzPlaces(f *testing.F) { fuzzParser(f, bot.Areas) }
func FuzzTrades(f *testing.F) { fuzzParser(f, bot.TradeList) }
func FuzzPay(f *testing.F)    { fuzzParser(f, bot.PayWanted) }
func FuzzDate(f *testing.F)   { fuzzParser(f, bot.StartDay) }
func FuzzTime(f *testing.F)   { fuzzParser(f, bot.ClockTime) }
func FuzzSettle(f *testing.F) { fuzzParser(f, bot.Settlement) }
func FuzzShift(f *testing.F)  { fuzzParser(f, bot.WorkShift) }
func FuzzParty(f *testing.F)  { fuzzParser(f, bot.PartySize) }
func FuzzCert(f *testing.F)   { fuzzParser(f, bot.Certificate) }

func FuzzRead(f *testing.F) {
	for _, c := range cases(f, "utterances.txt", 3) {
		f.Add(c[0])
	}
	for _, s := range awkward {
		f.Add(s)
	}
	slowest, _ := time.ParseDuration(os.Getenv("YILU_SLOWEST"))
	f.Fuzz(func(t *testing.T, s string) {
		soundReading(t, s, words.Read(s, clock))
		if slowest > 0 {
			quick(t, s, slowest)
		}
	})
}

// quick holds that a text is read in this time. It is for fuzzing by hand, YILU_SLOWEST=5ms: other work on the machine makes
// one reading slow, so the quickest of several counts.
func quick(t *testing.T, s string, limit time.Duration) {
	least := time.Hour
	for range 8 {
		start := time.Now()
		words.Read(s, clock)
		if least = min(least, time.Since(start)); least <= limit {
			return
		}
	}
	t.Fatalf("%q takes %v", s, least)
}

func FuzzChoose(f *testing.F) {
	for _, c := range cases(f, "ordinals.txt", 2) {
		f.Add(c[0], "登记/找活")
	}
	for _, s := range awkward {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, s, labels string) {
		if n, ok := words.Ordinal(s); ok != (n >= 1 && n <= 99) {
			t.Fatalf("ordinal of %q is %d, %v", s, n, ok)
		}
		all := strings.Split(labels, "/")
		if n, ok := words.Option(s, all); ok != (n >= 1 && n <= len(all)) {
			t.Fatalf("option of %q is %d, %v", s, n, ok)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range awkward {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := understand.Fold(s)
		if !utf8.ValidString(once) || utf8.RuneCountInString(once) > 2000 || strings.ContainsAny(once, "\x00\u200b\u202e\t\n") {
			t.Fatalf("fold of %q is %q", s, once)
		}
		if again := understand.Fold(once); again != once {
			t.Fatalf("fold of %q is %q, and of that %q", s, once, again)
		}
	})
}

// TestAwkward gives every awkward string to every prompt (anchors T24).
func TestAwkward(t *testing.T) {
	t.Parallel()
	for _, s := range awkward {
		for _, p := range bot.Parsers {
			soundParsed(t, p, s, words.Parse(p, s, clock))
		}
		soundReading(t, s, words.Read(s, clock))
	}
}

// TestEveryPrefix cuts real messages at every place, as slips of the thumb do.
func TestEveryPrefix(t *testing.T) {
	t.Parallel()
	for _, c := range append(cases(t, "parsers.txt", 3), cases(t, "utterances.txt", 3)...) {
		for _, text := range c[:2] {
			r := []rune(text)
			for i := range r {
				for _, s := range []string{string(r[:i]), string(r[i:])} {
					for _, p := range bot.Parsers {
						soundParsed(t, p, s, words.Parse(p, s, clock))
					}
					soundReading(t, s, words.Read(s, clock))
				}
			}
		}
	}
}

// TestLongLine: what is past 2,000 runes costs nothing and changes nothing.
func TestLongLine(t *testing.T) {
	t.Parallel()
	head := "我要找活 同安 瓦工 " + strings.Repeat("啊", 2000)
	short, long := words.Read(head, clock), words.Read(head+strings.Repeat("焊工", 3_000_000), clock)
	if reading(short) != reading(long) || long.Intent != bot.JobsSearch {
		t.Errorf("got %s, want %s", reading(long), reading(short))
	}
}
