package simulate

import (
	"context"
	"fmt"
	"io"

	"yilu/adapters/terminal"
	"yilu/bot"
)

// desk is somebody at a terminal.
type desk struct {
	host  *host
	lang  string
	keys  *io.PipeWriter // nil before the first word
	pages pages
	done  chan error
	sent  int
}

// pages are what the terminal writes; every answer is one write.
type pages chan []byte

// Write hands over a page.
func (p pages) Write(b []byte) (int, error) {
	p <- append([]byte(nil), b...)
	return len(b), nil
}

func newTerminal(h *host) *desk { return &desk{host: h} }

// begin starts the terminal and reads its greeting.
func (d *desk) begin() error {
	in, keys := io.Pipe()
	// One page may wait: the terminal says nothing unless it is spoken to.
	d.keys, d.pages, d.done = keys, make(pages, 1), make(chan error, 1)
	mount, err := terminal.New(in, d.pages, terminal.Options{
		User: "somebody", Lang: d.lang, NewID: func() string { d.sent++; return fmt.Sprintf("line-%04d", d.sent) },
	}).Mount(d.host)
	if err != nil {
		return err
	}
	go func() { d.done <- mount.Run(context.Background()) }()
	<-d.pages
	return nil
}

func (d *desk) say(text string) (screen, error) {
	if d.keys == nil {
		if err := d.begin(); err != nil {
			return screen{}, err
		}
	}
	if bot.Clean(text) == "" {
		return screen{}, bot.Errorf(bot.Invalid, "write line", "it is empty, and would get no answer")
	}
	if _, err := io.WriteString(d.keys, text+"\n"); err != nil {
		return screen{}, err
	}
	s := screen{raw: <-d.pages}
	s.shown = full(string(s.raw))
	s.texts, s.progress = d.host.cutProgress(s.shown)
	s.texts, s.choices = unnumber(s.texts)
	return s, nil
}

func (d *desk) press(last screen, label string) (screen, error) {
	return number(d, last, label)
}

// number says the number of a choice.
func number(c channel, last screen, label string) (screen, error) {
	n := fmt.Sprint(last.number(label))
	s, err := c.say(n)
	s.said = n
	return s, err
}

func (d *desk) send(what, _ string) (screen, error) { return screen{}, cannot(what) }

// speak is the language that the terminal is started in.
func (d *desk) speak(lang string) error {
	if d.keys != nil {
		return bot.Errorf(bot.NotFound, "directive lang", "the terminal takes a language only before the first word")
	}
	d.lang = lang
	return nil
}

func (d *desk) close() error {
	if d.keys == nil {
		return nil
	}
	_ = d.keys.Close()
	return <-d.done
}
