package wechat

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	perReason = 10          // lines of one reason in a minute: anybody can send anything here
	span      = time.Minute // of the number above
)

// lines keeps the log readable when much is refused: of one line only so many are written in a minute, and then how many
// were left out. What it remembers by are constants, so there is little of it.
type lines struct {
	log *slog.Logger

	mu sync.Mutex
	by map[string]*counted
}

// counted are the lines of one reason since a time.
type counted struct {
	since time.Time
	n     int
	out   int // of those, left out
}

// write writes the line, unless most of the same were written within the minute.
func (l *lines) write(ctx context.Context, now time.Time, most int, level slog.Level, line string, attrs ...slog.Attr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.by[line]
	if c == nil {
		c = &counted{since: now}
		l.by[line] = c
	}
	if now.Sub(c.since).Abs() >= span { // or the clock was set
		l.tell(line, c)
		*c = counted{since: now}
	}
	if c.n++; c.n > most {
		c.out++
		return
	}
	l.log.LogAttrs(ctx, level, line, attrs...)
}

// flush tells what was left out in the minutes that are over, or in all.
func (l *lines) flush(now time.Time, all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line, c := range l.by {
		if all || now.Sub(c.since).Abs() >= span {
			l.tell(line, c)
			delete(l.by, line)
		}
	}
}

func (l *lines) tell(line string, c *counted) {
	if c.out > 0 {
		l.log.Warn("wechat: lines were left out", "line", line, "left_out", c.out)
	}
}
