// Bench measures what a turn costs: how many a second, how long each takes, and how much of the processor, with Yilu on
// its embedded file and on Redis, beside the least that a chat service on Redis can be, in the same run on the same
// machine. Every server is a process of its own, so that its time is its own; the generator's is told apart. It needs
// redis-server in the PATH. It says nothing about a network, for all is on one machine, where the generator takes from
// the servers what it needs itself.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

func main() {
	if asRole() {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// flags say what is measured, and for how long.
type flags struct {
	Part     []string      `help:"What to measure: closed, mixes, open, memory, size." default:"closed,mixes,open,memory,size"`
	Channel  []string      `help:"telegram, wechat (safe mode) and wechat-plain." default:"telegram,wechat"`
	Subject  []string      `help:"embedded, redis, postgres, floor and floor-batched; all if none is named."`
	Workers  []int         `help:"How many talk at once, each as soon as it was answered." default:"1,16,64,256"`
	Rounds   int           `help:"How often every subject has its turn; the table shows the median." default:"3"`
	Warm     time.Duration `help:"How long each turn of a subject runs before it is measured." default:"1s"`
	For      time.Duration `help:"How long it is measured." default:"3s"`
	Rates    []float64     `help:"Messages a second of the open loop." default:"50,200,1000,2000"`
	OpenFor  time.Duration `help:"How long each rate is measured." default:"10s"`
	People   int           `help:"How many talk in the open loop." default:"2000"`
	Sessions []int         `help:"How many sessions there are." default:"1000,10000,100000,1000000"`

	Life bool `help:"Make the sessions those of people who have made every visit, and not only registered."`

	Value      int    `help:"Bytes of a session of the floor." default:"1024"`
	Pool       int    `help:"Connections of the floor to Redis, 0 for what go-redis has by itself; 64 is about the best on two processors." default:"64"`
	Appendonly string `help:"How Redis writes to disk, for all alike: everysec, always, or no." enum:"everysec,always,no" default:"everysec"`
	JSON       string `help:"File to write all figures to." placeholder:"FILE" name:"json"`
	Pprof      string `help:"Folder for profiles of the servers, one of each round of the closed loop. Taking them costs some of what is measured." placeholder:"DIR"`
	Short      bool   `help:"Some seconds in all, to see that it runs; the figures mean nothing."`
}

// bench is one run.
type bench struct {
	flags    flags
	dir      string
	out      io.Writer
	errs     io.Writer
	telegram *telegramtest.Platform
	reply    map[string]int // bytes of a text of the floor, by channel
	report   Report
	up       map[string][]*subject // by channel, in a short run
	closers  []func() error
}

// Report is all that was measured.
type Report struct {
	Machine string
	Commit  string
	Began   time.Time
	Command string
	Setting map[string]string
	Closed  []Closed `json:",omitempty"`
	Open    []Open   `json:",omitempty"`
	Memory  []Kept   `json:",omitempty"`
	Size    []Size   `json:",omitempty"`
}

func run(ctx context.Context, args []string, out, errs io.Writer) (err error) {
	b := &bench{out: out, errs: errs, reply: map[string]int{}, up: map[string][]*subject{}}
	parser, err := kong.New(&b.flags, kong.Name("bench"), kong.Description("Measures what a turn costs, beside the least that it can."), kong.Writers(out, errs))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil {
		return err
	}
	if b.flags.Short {
		b.flags.shorten()
	}
	if b.flags.Appendonly == "no" {
		b.flags.Appendonly = ""
	}
	for _, name := range b.flags.Channel {
		if _, known := channels[name]; !known {
			return bot.Errorf(bot.Invalid, "choose channels", "there are telegram, wechat and wechat-plain")
		}
	}
	if b.dir, err = os.MkdirTemp("", "yilu-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.telegram, err = telegramtest.Start(telegramToken); err != nil {
		return err
	}
	defer b.telegram.Close()
	defer func() {
		for _, end := range b.closers {
			err = cmp.Or(err, end())
		}
	}()
	b.report = Report{Machine: machine(), Commit: commit(), Began: time.Now(), Command: strings.Join(append([]string{"go run ./cmd/bench"}, args...), " ")}
	b.head()
	parts := map[string]func(context.Context) error{"closed": b.closed, "mixes": b.mixes, "open": b.open, "memory": b.memory, "size": b.size}
	for _, name := range b.flags.Part {
		part, known := parts[name]
		if !known {
			return bot.Errorf(bot.Invalid, "choose parts", "there are closed, mixes, open, memory and size")
		}
		if err := part(ctx); err != nil {
			return err
		}
		if err := b.save(); err != nil {
			return err
		}
	}
	return nil
}

// shorten makes everything as short as it can be.
func (f *flags) shorten() {
	f.Workers, f.Rounds, f.Warm, f.For = []int{4}, 1, 50*time.Millisecond, 150*time.Millisecond
	if len(f.Subject) == 0 {
		f.Subject = []string{"embedded", "redis", "floor", "floor-batched"}
	}
	f.Rates, f.OpenFor, f.People, f.Sessions = []float64{100}, 300*time.Millisecond, 20, []int{30}
	if slices.Equal(f.Channel, []string{"telegram", "wechat"}) {
		f.Channel = []string{"telegram"}
	}
}

// save writes what there is.
func (b *bench) save() error {
	if b.flags.JSON == "" {
		return nil
	}
	raw, err := json.MarshalIndent(b.report, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(b.flags.JSON, append(raw, '\n'), 0o600)
}

// note tells whoever waits what happens now.
func (b *bench) note(format string, args ...any) {
	fmt.Fprintf(b.errs, "bench: "+format+"\n", args...)
}

// commit is the commit that this program was built from, where that is known.
func commit() string {
	info, _ := debug.ReadBuildInfo()
	at := ""
	if info != nil {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				at = s.Value[:min(12, len(s.Value))] + at
			case "vcs.modified":
				if s.Value == "true" {
					at += ", changed"
				}
			}
		}
	}
	return at
}

func makeFolder(dir string) error { return os.MkdirAll(filepath.Clean(dir), 0o700) }
