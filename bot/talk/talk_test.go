package talk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/talk"
)

// echo repeats what it hears, in two lines.
type echo struct {
	heard []string
	fail  error
}

func (e *echo) Say(words string) ([]string, error) {
	e.heard = append(e.heard, "say "+words)
	return []string{words, "还有吗？"}, e.fail
}

func (e *echo) Press(label string) ([]string, error) {
	e.heard = append(e.heard, "press "+label)
	return nil, e.fail
}

func (e *echo) Set(words []string) error {
	e.heard = append(e.heard, "set "+strings.Join(words, "|"))
	return e.fail
}

const source = `# 【示例】
! wait  72h
> 我要找活
< 我要找活
< 还有吗？

> [找活]
> [找活
< [找活
< 还有吗？
`

// TestPlay holds that a transcript in which the bot said the same comes back byte for byte, and that every line reaches
// the player as what it is (T10).
func TestPlay(t *testing.T) {
	t.Parallel()
	e := &echo{}
	got, err := talk.Play([]byte(source), e)
	if err != nil || string(got) != source {
		t.Errorf("%v\n%s", err, talk.Difference([]byte(source), got))
	}
	if want := []string{"set wait|72h", "say 我要找活", "press 找活", "say [找活"}; !slices.Equal(e.heard, want) {
		t.Errorf("heard %q, want %q", e.heard, want)
	}
}

func TestPlayWritesWhatWasSaid(t *testing.T) {
	t.Parallel()
	for _, was := range []string{"> 一\n", "> 一\r\n< 旧的\r\n", "> 一", "> 一\n<\n< 一\n"} {
		got, err := talk.Play([]byte(was), &echo{})
		if err != nil || string(got) != "> 一\n< 一\n< 还有吗？\n" {
			t.Errorf("%q: %v, %q", was, err, got)
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"x", " > a", ">", "> ", "!", "!  ", "a < b", ">a"} {
		_, err := talk.Parse([]byte("# one\n\n" + bad + "\n"))
		var e *bot.Error
		if !errors.As(err, &e) || e.Code != bot.Invalid || e.Field != "line 3" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	down := &bot.Error{Code: bot.Unavailable, Say: "down"}
	for _, line := range []string{"> a", "> [a]", "! a"} {
		_, err := talk.Play([]byte("# one\n"+line), &echo{fail: down})
		var e *bot.Error
		if !errors.As(err, &e) || e.Code != bot.Unavailable || e.Field != "line 2" || !errors.Is(err, down) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	got := talk.Lines(bot.Reply{
		Texts: []string{"一\n\n二\n", "三"}, Progress: "第1步", Choices: []bot.Choice{{Label: "是"}, {Label: "不"}},
	})
	if want := []string{"一", "", "二", "三", "1 是", "2 不", "(第1步)"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, got, names string }{
		{"> a\n< b\n", "> a\n< b\n", ""},
		{"> a\r\n< b\r\n", "> a\n< b\n", ""},
		{"> a\n< b\n", "> a\n< c\n", "line 2"},
		{"> a\n< b\n", "> a\n", "line 2"},
		{"> a\n", "> a\n< b\n", "line 2"},
	} {
		if got := talk.Difference([]byte(c.want), []byte(c.got)); (got == "") != (c.names == "") || !strings.HasPrefix(got, c.names) {
			t.Errorf("%q and %q: %q", c.want, c.got, got)
		}
	}
}

func TestRenumber(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)
	for seed := range 100 { // whatever digits come out
		one, other := bot.Number("DJ", day, fmt.Sprint(seed)), bot.Number("BM", day, fmt.Sprint(seed))
		got := talk.Renumber([]byte("< 编号 " + one + "。\n< " + other + "、" + one + " X-DJ1123-0\n"))
		if want := "< 编号 DJ1123-1。\n< BM1123-2、DJ1123-1 X-DJ1123-0\n"; string(got) != want {
			t.Errorf("%s: %s", one, got)
		}
	}
}

// FuzzPlay holds that playing what was played changes nothing (T28).
func FuzzPlay(f *testing.F) {
	f.Add([]byte(source))
	f.Add([]byte("> []\n< \n<\n#\n! \x00\r\r\n> \u2028"))
	f.Fuzz(func(t *testing.T, source []byte) {
		once, err := talk.Play(source, &echo{})
		if err != nil {
			return
		}
		twice, err := talk.Play(once, &echo{})
		if err != nil || string(twice) != string(once) {
			t.Errorf("%v: %s", err, talk.Difference(once, twice))
		}
	})
}
