package terminal

import (
	"bufio"
	"context"
	"errors"
	"io"
)

// maxLine is the longest line that is kept, in bytes: bot.MaxText runes of the longest encoding, and as much again for
// what cleaning takes away.
const maxLine = 16 << 10

// line is one line of input without its end.
type line struct {
	text string
	long bool // longer than maxLine; the text is left out
	err  error
}

// read sends every line, and last of all a line with an error: io.EOF at the end.
func read(ctx context.Context, in io.Reader, lines chan<- line) {
	r := bufio.NewReader(in)
	for {
		l := next(r)
		select {
		case lines <- l:
		case <-ctx.Done():
			return
		}
		if l.err != nil {
			return
		}
	}
}

// next reads one line. Of a longer one it keeps nothing, and no more than the reader's buffer is ever held.
func next(r *bufio.Reader) line {
	var l line
	var kept []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(kept)+len(part) > maxLine {
			l.long, kept = true, nil
		}
		if !l.long {
			kept = append(kept, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		l.text = string(kept)
		if err != nil && len(part) == 0 && len(kept) == 0 && !l.long {
			l.err = err
		}
		return l // a last line without its end is a line; the error comes again with the next read
	}
}
