// Package talk reads transcripts, the text files in which a conversation with Yilu is written down, and plays them
// against anything that a person can talk to. It guarantees that a transcript that was played says, line by line, what
// was really answered, and is otherwise byte for byte the one that went in; so one that is played twice is the same
// where the bot says the same. What a directive means is up to the player.
//
// A transcript has one thing on each line:
//
//	> words       what the person says
//	> [label]     a choice of the last reply, pressed by its label
//	< words       what the bot says, one line of it
//	! directive   sets something up, in words between spaces
//	# comment
package talk

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"yilu/bot"
)

// Kind says what a line of a transcript is.
type Kind string

// The kinds of line.
const (
	Says      Kind = "says"
	Presses   Kind = "presses"
	Bot       Kind = "bot"
	Directive Kind = "directive"
	Comment   Kind = "comment" // and empty lines
)

// Line is one line of a transcript.
type Line struct {
	Number int // counted from 1
	Kind   Kind
	Text   string // without what marks the kind: words, label or directive
	Source string // as it stands in the file, without the end of the line
}

// Parse reads a transcript. An Error of code Invalid names the first line that is none.
func Parse(source []byte) ([]Line, error) {
	var lines []Line
	for raw := range strings.Lines(string(source)) {
		l := Line{Number: len(lines) + 1, Source: strings.TrimRight(raw, "\r\n")}
		mark, text, _ := strings.Cut(l.Source, " ")
		l.Text = text
		switch {
		case l.Source == "" || strings.HasPrefix(l.Source, "#"):
			l.Kind, l.Text = Comment, l.Source
		case mark == "<":
			l.Kind = Bot
		case mark == ">" && len(text) > 2 && text[0] == '[' && text[len(text)-1] == ']':
			l.Kind, l.Text = Presses, text[1:len(text)-1]
		case mark == ">" && text != "":
			l.Kind = Says
		case mark == "!" && len(strings.Fields(text)) > 0:
			l.Kind = Directive
		default:
			return nil, &bot.Error{Code: bot.Invalid, Op: "read transcript", Field: fmt.Sprint("line ", l.Number), Say: `begins with none of "> ", "< ", "! " and "#", or says nothing`}
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// Lines is how a transcript shows a reply: its texts line by line, its choices with their numbers, its progress.
func Lines(r bot.Reply) []string {
	var out []string
	for _, text := range r.Texts {
		for line := range strings.Lines(text) {
			out = append(out, strings.TrimRight(line, "\n"))
		}
	}
	for i, c := range r.Choices {
		out = append(out, fmt.Sprintf("%d %s", i+1, c.Label))
	}
	if r.Progress != "" {
		out = append(out, "("+r.Progress+")")
	}
	return out
}

// Player is somebody who can be talked to: the bot itself, or a channel that it is reached by. What it returns are the
// lines of the answer, without marks; see Lines.
type Player interface {
	Say(words string) ([]string, error)
	Press(label string) ([]string, error)
	Set(words []string) error
}

// Play goes through a transcript and returns it with what was really answered in place of what it says. It ends at the
// first error, which it returns with the line that it came from.
func Play(source []byte, p Player) ([]byte, error) {
	lines, err := Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, l := range lines {
		if l.Kind == Bot {
			continue
		}
		out.WriteString(l.Source + "\n")
		var said []string
		switch l.Kind {
		case Says:
			said, err = p.Say(l.Text)
		case Presses:
			said, err = p.Press(l.Text)
		case Directive:
			err = p.Set(strings.Fields(l.Text))
		}
		if err != nil {
			return nil, &bot.Error{Code: bot.CodeOf(err), Op: "play transcript", Field: fmt.Sprint("line ", l.Number), Err: err}
		}
		for _, line := range said {
			out.WriteString("< " + line + "\n")
		}
	}
	return out.Bytes(), nil
}

// Difference shows the first place where what was answered is not what the transcript says, "" if there is none.
func Difference(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range max(len(w), len(g)) {
		a, b := at(w, i), at(g, i)
		if a != b {
			return fmt.Sprintf("line %d\n  transcript: %s\n  the bot:    %s", i+1, a, b)
		}
	}
	return ""
}

// number is what bot.Number makes.
var number = regexp.MustCompile(`\b([A-Z]{2}[0-9]{4})-[0-9A-HJKMNP-TV-Z]{8}\b`)

// Renumber puts in place of every number that bot.Number made which one it is in the transcript: BM1123-1, BM1123-2. A
// number is made from who says what, so the same words get others on another channel.
func Renumber(transcript []byte) []byte {
	seen := map[string]int{}
	return number.ReplaceAllFunc(transcript, func(found []byte) []byte {
		if seen[string(found)] == 0 {
			seen[string(found)] = len(seen) + 1
		}
		return fmt.Appendf(nil, "%s-%d", found[:6], seen[string(found)])
	})
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return strings.TrimSuffix(lines[i], "\r")
	}
	return ""
}
