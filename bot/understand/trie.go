package understand

import "slices"

// trie finds words in runes. Words that begin or end with a Latin letter or a digit are found as whole words only; an
// English plural's s is allowed.
type trie struct {
	next map[uint64]int32 // node and rune to node
	word []int32          // by node: the word that ends here, or none
	size int32            // how many words

	// first holds the runes that words begin with, as bits: at nearly every place of a message no word begins, and this
	// tells so without a look into the map. Those above the first plane are not in it.
	first [1 << 16 / 64]uint64
}

const none = -1

func newTrie() *trie { return &trie{next: map[uint64]int32{}, word: []int32{none}} }

func edge(node int32, r rune) uint64 { return uint64(node)<<32 | uint64(uint32(r)) }

// add puts a word in and returns its number, the same one for the same word.
func (t *trie) add(word string) int32 {
	node := int32(0)
	for i, r := range word {
		if i == 0 && r < 1<<16 {
			t.first[r>>6] |= 1 << (r & 63)
		}
		to, ok := t.next[edge(node, r)]
		if !ok {
			to = int32(len(t.word))
			t.next[edge(node, r)] = to
			t.word = append(t.word, none)
		}
		node = to
	}
	if t.word[node] == none {
		t.word[node] = t.size
		t.size++
	}
	return t.word[node]
}

// step follows one rune; ok is false where no word goes on.
func (t *trie) step(node int32, r rune) (int32, bool) {
	to, ok := t.next[edge(node, r)]
	return to, ok
}

// begins reports whether one of the words may begin at i.
func (t *trie) begins(r []rune, i int) bool {
	if i >= len(r) {
		return false
	}
	if x := uint32(r[i]); x < 1<<16 && t.first[x>>6]&(1<<(x&63)) == 0 {
		return false
	}
	return starts(r, i)
}

// starts reports whether a word may begin at i.
func starts(r []rune, i int) bool { return i < len(r) && (i == 0 || !joined(r[i-1], r[i])) }

// ends returns where a word that matches up to i ends, or none if it stops inside a longer one.
func ends(r []rune, from, i int) int {
	if i >= len(r) || !joined(r[i-1], r[i]) {
		return i
	}
	if r[i] == 's' && i-from >= 3 && (i+1 == len(r) || !isLatin(r[i+1])) {
		return i + 1
	}
	return none
}

// longest finds the longest word at i. The word is none if there is none.
func (t *trie) longest(r []rune, i int) (word int32, end int) {
	word, end = none, i
	if !t.begins(r, i) {
		return word, end
	}
	node, ok := int32(0), true
	for j := i; j < len(r); j++ {
		if node, ok = t.step(node, r[j]); !ok {
			break
		}
		if found := t.word[node]; found != none {
			if e := ends(r, i, j+1); e != none {
				word, end = found, e
			}
		}
	}
	return word, end
}

// each calls f for every word at i, the shortest first.
func (t *trie) each(r []rune, i int, f func(word int32, end int)) {
	if !t.begins(r, i) {
		return
	}
	node, ok := int32(0), true
	for j := i; j < len(r); j++ {
		if node, ok = t.step(node, r[j]); !ok {
			return
		}
		if found := t.word[node]; found != none {
			if e := ends(r, i, j+1); e != none {
				f(found, e)
			}
		}
	}
}

// has reports whether one of the words is exactly r.
func (t *trie) has(r []rune) bool {
	node, ok := int32(0), true
	for _, x := range r {
		if node, ok = t.step(node, x); !ok {
			return false
		}
	}
	return len(r) > 0 && t.word[node] != none
}

// walk calls f for every word of Chinese characters, in the order in which they were put in.
func (t *trie) walk(f func(text []rune, word int32)) {
	type branch struct {
		r    rune
		from int32
	}
	to := make([]branch, len(t.word)) // by node: how it is come to
	for e, node := range t.next {
		to[node] = branch{rune(uint32(e)), int32(e >> 32)}
	}
	byWord := make([][]rune, t.size)
	for node, word := range t.word {
		if word == none {
			continue
		}
		var text []rune
		for n := int32(node); n != 0; n = to[n].from {
			text = append(text, to[n].r)
		}
		slices.Reverse(text)
		byWord[word] = text
	}
	for word, text := range byWord {
		if !slices.ContainsFunc(text, func(r rune) bool { return !isHan(r) }) {
			f(text, int32(word))
		}
	}
}
