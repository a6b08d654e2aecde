package bot

import (
	"strings"
	"unicode/utf8"
)

// What a channel adds to each text and each choice at most: empty lines between texts, a number before a choice.
const (
	textExtra   = 2
	choiceExtra = 8
)

// Size is the most bytes that the reply takes where everything is written as text: paragraphs, progress and numbered
// choices. No channel's rendering is longer.
func (r Reply) Size() int {
	n := len(r.Progress) + textExtra
	for _, t := range r.Texts {
		n += len(t) + textExtra
	}
	for _, c := range r.Choices {
		n += len(c.Label) + choiceExtra
	}
	return n
}

// Fit cuts a reply that is larger than room, in bytes, into what is shown now and what waits; rest is nil if all of it
// fits. What is shown ends with note and offers more and nothing else; the question's choices come with the end of the
// text. Cuts are made between paragraphs where that is possible, then between lines, then between characters; but for the line
// break at a cut, nothing is lost. Where the choices alone are too large, their labels
// are shortened; what they send is not. A room of 0 holds anything.
func (r Reply) Fit(room int, note string, more Choice) (now Reply, rest *Reply) {
	if room <= 0 || r.Size() <= room {
		return r, nil
	}
	r.Choices = shorten(r.Choices, room-len(r.Progress)-textExtra-shortText)
	if r.Size() <= room {
		return r, nil
	}
	now = Reply{Choices: []Choice{more}, Lang: r.Lang}
	left := room - textExtra - len(note) - textExtra - len(more.Label) - choiceExtra
	waits := r
	waits.Texts = nil
	for i, text := range r.Texts {
		if len(text)+textExtra <= left {
			left -= len(text) + textExtra
			now.Texts = append(now.Texts, text)
			continue
		}
		head, tail := cutText(text, left-textExtra, len(now.Texts) == 0)
		if head != "" {
			now.Texts = append(now.Texts, head)
		}
		if tail != "" {
			waits.Texts = append(waits.Texts, tail)
		}
		waits.Texts = append(waits.Texts, r.Texts[i+1:]...)
		break
	}
	if len(now.Texts) == 0 {
		return r, nil // there is nothing to cut but choices: the channel has to cope
	}
	now.Texts = append(now.Texts, note)
	return now, &waits
}

// shortText is the room that a line above the choices needs, and shortLabel how short a label may get, in bytes.
const (
	shortText  = 60
	shortLabel = 12
)

// shorten makes the labels of choices fit into room together, each into an equal share of it.
func shorten(choices []Choice, room int) []Choice {
	n := 0
	for _, c := range choices {
		n += len(c.Label) + choiceExtra
	}
	if n <= room {
		return choices
	}
	const ellipsis = "…"
	each := max(shortLabel, room/len(choices)-choiceExtra)
	out := make([]Choice, len(choices))
	for i, c := range choices {
		if len(c.Label) > each {
			cut := each - len(ellipsis)
			for cut > 0 && !utf8.RuneStart(c.Label[cut]) {
				cut--
			}
			c.Label = c.Label[:cut] + ellipsis
		}
		out[i] = c
	}
	return out
}

// cutText cuts a text before it is longer than most bytes: after a line if one fits, else after a character. A text
// that is not alone waits as a whole rather than be cut within a line.
func cutText(text string, most int, alone bool) (head, tail string) {
	if most <= 0 {
		return "", text
	}
	if len(text) <= most {
		return text, ""
	}
	if i := strings.LastIndexByte(text[:most+1], '\n'); i > 0 {
		return text[:i], text[i+1:]
	}
	if !alone {
		return "", text
	}
	i := most
	for i > 0 && !utf8.RuneStart(text[i]) {
		i--
	}
	return text[:i], text[i:]
}
