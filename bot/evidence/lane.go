package evidence

import (
	"time"

	"yilu/bot"
)

// lane is one channel's files: some are being fetched, the others wait behind them.
type lane struct {
	running int
	waits   []taken // in the order in which they were given out
}

// taken is a file that was given out to us.
type taken struct {
	file  bot.KeptFile
	until time.Time // when it is too late to begin with it
}

// lanes are the lanes by channel.
type lanes map[string]*lane

func (l lanes) add(file bot.KeptFile, until time.Time) {
	of := l[file.From.Channel]
	if of == nil {
		of = &lane{}
		l[file.From.Channel] = of
	}
	of.waits = append(of.waits, taken{file, until})
}

// running is how many files are being fetched.
func (l lanes) running() int {
	n := 0
	for _, of := range l {
		n += of.running
	}
	return n
}
