package bot_test

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"yilu/bot"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain":         {"我要找活", "我要找活"},
		"lines":         {"一\r\n二\r三\n四", "一\n二\n三\n四"},
		"controls":      {"\x00a\x1b[31mb\x7f\u0085", "a[31mb"},
		"tab":           {"a\tb", "a b"},
		"invalid":       {"a\xff\xfeb", "a\uFFFDb"},
		"turned":        {"\u202eabc\u2066", "abc"},
		"right to left": {"ئىش ئىزدەش", "ئىش ئىزدەش"},
		"joined emoji":  {"👷‍♂️", "👷‍♂️"},
		"mark":          {"\uFEFFhello ", "hello"},
		"only noise":    {" \x00\u3000\r\n", ""},
	} {
		if got := bot.Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", name, c.in, got, c.want)
		}
	}
}

func TestCleanTwiceIsClean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		once := bot.Clean(in)
		if !utf8.ValidString(once) || bot.Clean(once) != once {
			t.Fatalf("Clean(%q) = %q is not clean", in, once)
		}
		if utf8.RuneCountInString(once) > utf8.RuneCountInString(in) {
			t.Fatalf("Clean(%q) is longer", in)
		}
	})
}
