package sheets

import (
	"slices"
	"strings"
)

// nearest returns the name that is closest to what was said, "" where none shares half of it. A name counts with each
// of its parts: "a(b)", "a/b".
func nearest(said string, names []string) string {
	want := []rune(fold(said))
	if len(want) == 0 || len(want) > 40 {
		return ""
	}
	slices.Sort(names) // so that the answer does not hang on chance
	best, bestScore := "", 0.5
	for _, name := range names {
		for _, part := range append(strings.FieldsFunc(name, isBreak), name) {
			have := []rune(part)
			score := float64(distance(want, have)) / float64(max(len(want), len(have)))
			if score < bestScore || score == bestScore && best == "" {
				best, bestScore = name, score
			}
		}
	}
	return best
}

func isBreak(r rune) bool { return strings.ContainsRune("()/", r) }

// distance is Levenshtein's.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
