package understand

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// Voice typing writes what sounds alike: 电汗工 for 电焊工, 反回 for 返回. A syllable here is what two characters share that
// sound alike to many: without its tone, with zh as z, ch as c, sh as s, and -ng as -n.

// sounds says how Chinese characters sound; 0 for those that are not in it.
type sounds [lastSound - firstSound + 1]uint16

const (
	firstSound = 0x4E00
	lastSound  = 0x9FFF
)

func (s *sounds) of(r rune) uint16 {
	if r < firstSound || r > lastSound {
		return 0
	}
	return s[r-firstSound]
}

// flat maps the vowels with tones to those without.
var flat = strings.NewReplacer("ā", "a", "á", "a", "ǎ", "a", "à", "a", "ē", "e", "é", "e", "ě", "e", "è", "e", "ī", "i", "í", "i", "ǐ", "i", "ì", "i",
	"ō", "o", "ó", "o", "ǒ", "o", "ò", "o", "ū", "u", "ú", "u", "ǔ", "u", "ù", "u", "ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v", "ü", "v", "ń", "n", "ň", "n", "ǹ", "n")

func newSounds() *sounds {
	s := &sounds{}
	number := map[string]uint16{}
	known := map[string]uint16{} // by reading as the library writes it
	for r, readings := range pinyin.PinyinDict {
		if r < firstSound || r > lastSound {
			continue
		}
		first, _, _ := strings.Cut(readings, ",")
		n, ok := known[first]
		if !ok {
			plain := likeSound(flat.Replace(first))
			if n = number[plain]; n == 0 {
				n = uint16(len(number) + 1)
				number[plain] = n
			}
			known[first] = n
		}
		s[r-firstSound] = n
	}
	return s
}

// likeSound joins what many do not tell apart.
func likeSound(syllable string) string {
	for _, pair := range [...][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}} {
		if rest, ok := strings.CutPrefix(syllable, pair[0]); ok {
			syllable = pair[1] + rest
		}
	}
	return strings.TrimSuffix(syllable, "g")
}

// spoken is a trie of syllables.
type spoken struct {
	next map[uint64]int32
	word []int32  // by node: the first word that sounds so, or none
	text [][]rune // by word
	id   []int32  // by word: what the caller calls it
}

func newSpoken() *spoken { return &spoken{next: map[uint64]int32{}, word: []int32{none}} }

// add puts a word of Chinese characters in.
func (t *spoken) add(s *sounds, word []rune, id int32) {
	node := int32(0)
	for _, r := range word {
		n := s.of(r)
		if n == 0 {
			return
		}
		to, ok := t.next[edge(node, rune(n))]
		if !ok {
			to = int32(len(t.word))
			t.next[edge(node, rune(n))] = to
			t.word = append(t.word, none)
		}
		node = to
	}
	if t.word[node] == none {
		t.word[node] = int32(len(t.text))
		t.text, t.id = append(t.text, word), append(t.id, id)
	}
}

// longest finds the longest word that sounds like what stands at i and shares enough characters with it.
func (t *spoken) longest(s *sounds, r []rune, i int, common map[rune]bool) (id int32, end int) {
	id, end = none, i
	node, ok := int32(0), true
	for j := i; j < len(r); j++ {
		n := s.of(r[j])
		if n == 0 {
			break
		}
		if node, ok = t.next[edge(node, rune(n))]; !ok {
			break
		}
		if w := t.word[node]; w != none && alike(t.text[w], r[i:j+1], common) {
			id, end = t.id[w], j+1
		}
	}
	return id, end
}

// alike reports that at most one character of a short word differs, two of a longer one, and that none of those is a
// common one that stands for itself: 想安排 is no 翔安.
func alike(word, said []rune, common map[rune]bool) bool {
	differ := 0
	for i, r := range said {
		if r != word[i] {
			if common[r] {
				return false
			}
			differ++
		}
	}
	return len(word) >= 2 && differ <= max(1, len(word)/2)
}
