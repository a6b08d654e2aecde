package bot_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"yilu/bot"
)

// TestFitLosesNothing holds that a reply of any texts reaches a reader whole, however little room there is: every
// character but the line breaks at cuts, in order, no part larger than the room, the choices once and at the end.
func TestFitLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("一二三四五ab \n👷")), 1, 200, -1)
		r := bot.Reply{
			Texts:    rapid.SliceOfN(text, 1, 6).Draw(t, "texts"),
			Choices:  []bot.Choice{{Label: "登记", Send: "i:register.start"}, {Label: "菜单", Send: "i:nav.home"}},
			Progress: "第 1 步", Lang: "zh-CN",
		}
		room := rapid.IntRange(90, 400).Draw(t, "room")
		more := bot.Choice{Label: "更多", Send: "m:"}
		var shown []string
		waits := &r
		for parts := 0; ; parts++ {
			if parts > 400 {
				t.Fatal("it never ends")
			}
			now, rest := waits.Fit(room, "还有", more)
			if now.Size() > room {
				t.Fatalf("a part of %d bytes for a room of %d", now.Size(), room)
			}
			for _, s := range now.Texts {
				if !utf8.ValidString(s) {
					t.Fatalf("cut within a character: %q", s)
				}
			}
			if rest == nil {
				shown = append(shown, now.Texts...)
				if len(now.Choices) != 2 || now.Progress == "" {
					t.Fatalf("the end lacks its choices: %+v", now)
				}
				break
			}
			if len(now.Choices) != 1 || now.Choices[0] != more || now.Texts[len(now.Texts)-1] != "还有" {
				t.Fatalf("a part that does not say that there is more: %+v", now)
			}
			shown = append(shown, now.Texts[:len(now.Texts)-1]...)
			waits = rest
		}
		bare := func(texts []string) string { return strings.ReplaceAll(strings.Join(texts, ""), "\n", "") }
		if bare(shown) != bare(r.Texts) {
			t.Fatalf("shown %q\nof    %q", shown, r.Texts)
		}
	})
}

// TestFitShortensChoices holds that many long choices fit too: all of them, in order, with what they send.
func TestFitShortensChoices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringOfN(rapid.RuneFrom([]rune("瓦工ab👷")), 1, 120, -1)
		var r bot.Reply
		for i, l := range rapid.SliceOfN(label, 1, 12).Draw(t, "labels") {
			r.Choices = append(r.Choices, bot.Choice{Label: l, Send: string(rune('a' + i))})
		}
		r.Texts = []string{"您报的名："}
		now, rest := r.Fit(600, "还有", bot.Choice{Label: "更多", Send: "m:"})
		if rest != nil || now.Size() > 600 || len(now.Choices) != len(r.Choices) {
			t.Fatalf("%d bytes, %d choices of %d, rest %v", now.Size(), len(now.Choices), len(r.Choices), rest)
		}
		for i, c := range now.Choices {
			if c.Send != r.Choices[i].Send || c.Label == "" || !utf8.ValidString(c.Label) {
				t.Fatalf("choice %d: %+v", i+1, c)
			}
		}
	})
}

// TestFitLeavesShortOnes holds that what fits is not touched, and that a channel without a limit gets all of it.
func TestFitLeavesShortOnes(t *testing.T) {
	t.Parallel()
	long := bot.Reply{Texts: []string{strings.Repeat("长", 3000)}}
	if now, rest := long.Fit(0, "还有", bot.Choice{}); rest != nil || len(now.Texts[0]) != 9000 {
		t.Error("cut without a limit")
	}
	short := bot.Reply{Texts: []string{"短"}}
	if _, rest := short.Fit(100, "还有", bot.Choice{}); rest != nil {
		t.Error("a short reply was cut")
	}
}
