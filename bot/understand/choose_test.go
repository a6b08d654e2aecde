package understand_test

import (
	"strconv"
	"strings"
	"testing"
)

func TestOrdinal(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "ordinals.txt", 2) {
		n, ok := words.Ordinal(c[0])
		got := "none"
		if ok {
			got = strconv.Itoa(n)
		}
		if got != c[1] {
			t.Errorf("%q: got %s, want %s", c[0], got, c[1])
		}
	}
}

func TestOption(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "options.txt", 3) {
		n, ok := words.Option(c[0], strings.Split(c[1], "/"))
		got := "none"
		if ok {
			got = strconv.Itoa(n)
		}
		if got != c[2] {
			t.Errorf("%q among %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}
