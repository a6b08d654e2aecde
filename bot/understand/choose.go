package understand

import (
	"slices"
	"strings"
)

// highestChoice is the highest number that is a choice.
const highestChoice = 99

// longestLabel is how many runes a message that names a label may have.
const longestLabel = 60

// longestChoice is how many runes a message that picks a number may have.
const longestChoice = 24

// Ordinal is Said.Ordinal of a text that is read once.
func (w *Words) Ordinal(s string) (n int, ok bool) { return w.Hear(s).Ordinal() }

// Ordinal reads a choice by its number, 1 to 99: "2", "②", "第二个", "选2", "第二个多少钱". A number that counts or
// belongs to something else is none.
func (m *Said) Ordinal() (n int, ok bool) {
	w, r := m.words, m.text.low
	if len(r) == 0 || len(r) > longestChoice {
		return 0, false
	}
	i := 0
	for i < len(r) && isMark(r[i]) && w.circled[r[i]] == 0 {
		i++
	}
	first := i
	i = w.skipSoft(r, i, softChoiceBefore)
	picked := w.softIn(r[first:i], softPick)
	for i < len(r) && isMark(r[i]) && w.circled[r[i]] == 0 {
		i++
	}
	if i >= len(r) {
		return 0, false
	}
	nth := w.circled[r[i]] > 0
	if nth {
		n, i = w.circled[r[i]], i+1
		if i < len(r) && r[i] == 0xFE0F {
			i++
		}
	} else if n, i, nth, ok = w.choiceNumber(r, i); !ok {
		return 0, false
	}
	if n < 1 || n > highestChoice || !nth && !picked && w.softAt(r, i, softCount) > i { // 三个 counts
		return 0, false
	}
	// 第二个多少钱: after 第 and a counter anything short may follow.
	if nth && i < len(r) && w.softAt(r, i, softCounter) > i {
		return n, true
	}
	for i < len(r) {
		if isMark(r[i]) {
			i++
			continue
		}
		end := w.softAt(r, i, softChoiceAfter)
		if end == i {
			return 0, false
		}
		i = end
	}
	return n, true
}

// choiceNumber reads the number at i, after 第 or without it.
func (w *Words) choiceNumber(r []rune, i int) (n, end int, nth, ok bool) {
	for word, value := range w.ordinals {
		if to, ok := hasPrefix(r, i, word); ok && ends(r, i, to) == to {
			return value, to, false, true
		}
	}
	if r[i] == w.nth && i+1 < len(r) {
		nth = true
		i++
	}
	if w.softAt(r, i, softNoChoice) > i {
		return 0, i, nth, false
	}
	num, ok := w.num.read(r, i)
	if !ok {
		if word, to := w.entities.longest(r, i); word != none {
			if v, is := w.sense(token{word: word}, clsNumber); is {
				return int(v), to, nth, true
			}
		}
		return 0, i, nth, false
	}
	v, whole := num.whole()
	if !whole {
		return 0, i, nth, false
	}
	return v, num.end, nth, true
}

// hasPrefix reports whether the word stands at i, and where it ends.
func hasPrefix(r []rune, i int, word string) (to int, ok bool) {
	for _, x := range word {
		if i >= len(r) || r[i] != x {
			return i, false
		}
		i++
	}
	return i, true
}

// Option is Said.Option of a text that is read once.
func (w *Words) Option(s string, labels []string) (n int, ok bool) {
	return w.Hear(s).Option(len(labels), func(i int) string { return labels[i] })
}

// Option finds the one label that the text means, 1-based: the label itself, the text or the label within the other
// with nothing but fillers around, or a part of exactly one label.
func (m *Said) Option(count int, label func(i int) string) (n int, ok bool) {
	w := m.words
	var room [longestLabel]rune
	said := squeezeInto(room[:0], m.text.low)
	if len(said) == 0 || len(said) > longestLabel {
		return 0, false
	}
	// All labels stand in one place, one after the other.
	var folded, asIs [128]rune
	all, free := make([][]rune, 0, count), make([]rune, 0, 12*count)
	for i := range count {
		_, low := cleanInto(asIs[:0], folded[:0], label(i), w.simple)
		from := len(free)
		free = slices.Grow(free, len(low))
		free = free[:from+len(squeezeInto(free[from:from], low))]
		all = append(all, free[from:len(free):len(free)])
	}
	bare := w.strip(said)
	if n, ok := only(all, func(label []rune) bool { return slices.Equal(label, said) }); ok {
		return n, true
	}
	if n, ok := only(all, func(label []rune) bool { return slices.Equal(label, bare) || slices.Equal(w.strip(label), bare) }); ok {
		return n, true
	}
	if len(bare) < 2 {
		return 0, false
	}
	if n, ok := only(all, func(label []rune) bool { return contains(label, bare) && !(isLatin(bare[0]) && len(bare) < 3) }); ok {
		return n, true
	}
	// The label stands in the text, and nothing but fillers beside it.
	n, ok = only(all, func(label []rune) bool {
		label = w.strip(label)
		for i := 0; len(label) >= 2 && i+len(label) <= len(said); i++ {
			if slices.Equal(said[i:i+len(label)], label) {
				return w.allSoft(said[:i]) && w.allSoft(said[i+len(label):])
			}
		}
		return false
	})
	if ok || len(said) > longestNaming {
		return n, ok
	}
	// One of the things that a label lists stands in the text: 公司、工厂、店家.
	i := -1
	return only(all, func([]rune) bool {
		i++
		parts := strings.Split(label(i), listMark)
		return len(parts) > 1 && slices.ContainsFunc(parts, func(part string) bool {
			_, low := clean(part, w.simple)
			thing := squeezeInto(nil, low)
			return len(thing) >= 2 && contains(said, thing)
		})
	})
}

// longestNaming is how many runes a text may have that names a thing of a label among other words.
const longestNaming = 16

// listMark stands between the things of a label.
const listMark = "、"

// only returns the one label for which f holds.
func only(labels [][]rune, f func([]rune) bool) (n int, ok bool) {
	for i, label := range labels {
		if len(label) > 0 && f(label) {
			if n > 0 {
				return 0, false
			}
			n = i + 1
		}
	}
	return n, n > 0
}

// strip takes fillers off both ends.
func (w *Words) strip(r []rune) []rune {
	for len(r) > 0 {
		end := w.softAt(r, 0, softAny|softChoiceBefore)
		if end == 0 || end == len(r) {
			break
		}
		r = r[end:]
	}
	for {
		cut := len(r)
		for j := max(1, len(r)-4); j < len(r); j++ {
			if w.softAt(r, j, softAny) == len(r) {
				cut = j
				break
			}
		}
		if cut == len(r) || cut == 0 {
			return r
		}
		r = r[:cut]
	}
}

func (w *Words) allSoft(r []rune) bool {
	return w.skipSoft(r, 0, softAny|softChoiceBefore|softChoiceAfter) == len(r)
}
