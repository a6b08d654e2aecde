package understand_test

import (
	"strings"
	"testing"
)

// What is kept of a message that was not understood tells nobody: names, numbers and accounts are masked, stories are not
// kept at all.
func TestAnonymous(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "anonymous.txt", 2) {
		got, ok := words.Hear(c[0]).Anonymous()
		if !ok {
			got = "-"
		}
		if got != c[1] {
			t.Errorf("%q: got %q, want %q", c[0], got, c[1])
		}
	}
	if _, ok := words.Hear(strings.Repeat("整不来", 20)).Anonymous(); ok {
		t.Error("a long story is kept")
	}
}
