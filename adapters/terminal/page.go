package terminal

import (
	"bytes"
	"fmt"
	"io"

	"yilu/bot"
)

// The ANSI sequences in use.
const (
	dim   = "\x1b[2m"
	bold  = "\x1b[1m"
	plain = "\x1b[0m"
)

// page writes to the terminal. After a failed write it writes no more.
type page struct {
	out   io.Writer
	color bool
	err   error
}

// reply shows progress, paragraphs and numbered choices, and an empty line after them. Texts may carry what somebody
// typed or imported, so each is cleaned of what could drive the terminal.
func (p *page) reply(r bot.Reply) {
	var b bytes.Buffer
	if r.Progress != "" {
		fmt.Fprintln(&b, p.in(dim, bot.Clean(r.Progress)))
	}
	for _, text := range r.Texts {
		fmt.Fprintln(&b, bot.Clean(text))
	}
	for i, c := range r.Choices {
		fmt.Fprintln(&b, p.in(bold, fmt.Sprint(i+1)), bot.Clean(c.Label))
	}
	fmt.Fprintln(&b)
	p.write(b.Bytes())
}

// note shows a word of the channel's own.
func (p *page) note(text string) { p.write([]byte(p.in(dim, text) + "\n\n")) }

func (p *page) prompt() { p.write([]byte("> ")) }

// end leaves the cursor at the start of a line. It returns what went wrong with the output.
func (p *page) end(prompted bool) error {
	if prompted {
		p.write([]byte("\n"))
	}
	if p.err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: "write terminal", Say: "the output is closed", Err: p.err}
	}
	return nil
}

func (p *page) in(style, text string) string {
	if !p.color {
		return text
	}
	return style + text + plain
}

func (p *page) write(b []byte) {
	if p.err == nil {
		_, p.err = p.out.Write(b)
	}
}
