package evidence

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"yilu/bot"
)

// Book is what the records do for the fetcher; see their methods of like names. Waiting gives a file to one caller
// only, and to the next when the first was not heard of for longer than a fetch can take.
type Book struct {
	Waiting func(ctx context.Context, now time.Time, limit int) ([]bot.KeptFile, error)
	Kept    func(ctx context.Context, id, sum string, bytes int64, mediaType string) error
	Lost    func(ctx context.Context, id, why string) error
	Again   func(ctx context.Context, id string, next time.Time) error
}

// Source opens a file on a channel: Mount.Fetch.
type Source func(ctx context.Context, ref string) (bot.Media, error)

// Fetcher fetches the files that wait, two at a time of each channel, so that a channel that hangs holds up its own files
// and no others. Its fields are set before Run and not changed. Several may run at once, in several processes, on one
// store and one book.
type Fetcher struct {
	Files   Book
	Store   *Folder
	Sources map[string]Source // by channel; nil for a channel that is known and off just now: its files wait
	Most    int64             // bytes of a file; 0 = MostBytes
	Now     func() time.Time
	Log     *slog.Logger

	once sync.Once
	wake chan struct{}
}

// MostBytes is the largest file that is kept unless the Fetcher says otherwise.
const MostBytes = 64 << 20

// Why a file is lost, for staff: the values of KeptFile.Why that a Fetcher writes.
const (
	Gone      = "gone"       // the platform has it no more, or says that it never had it
	Refused   = "refused"    // the channel cannot take it, now or ever: it is larger than the platform gives out, or no file
	TooLarge  = "too_large"  // more than Fetcher.Most
	NoChannel = "no_channel" // there is no such channel any more, or it has no files
	GaveUp    = "gave_up"    // the platform could not be reached, or the disk not be written, as long as it had it
)

const (
	atOnce      = 2                // of one channel
	atATime     = 100              // taken from the records
	look        = 30 * time.Second // how often it looks by itself for what is due
	fetchIn     = 5 * time.Minute  // less than the records' Lease
	beginIn     = 4 * time.Minute  // after a file was given out; with fetchIn and markIn less than the Lease
	markIn      = 10 * time.Second
	firstPause  = 30 * time.Second
	longPause   = time.Hour
	defaultTill = 3 * 24 * time.Hour // how long platforms keep files that do not say it
)

func (f *Fetcher) signal() chan struct{} {
	f.once.Do(func() { f.wake = make(chan struct{}, 1) })
	return f.wake
}

// Nudge lets Run look for waiting files now rather than within half a minute. It never waits.
func (f *Fetcher) Nudge() {
	select {
	case f.signal() <- struct{}{}:
	default: // it will look anyway
	}
}

// Run fetches until the context ends, and then returns nil once nothing is being fetched. What is due at its start is
// fetched at once.
func (f *Fetcher) Run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	lanes := lanes{}
	done := make(chan *lane)
	f.take(ctx, lanes)
	for {
		f.begin(ctx, lanes, done)
		select {
		case <-ctx.Done():
			for range lanes.running() {
				<-done
			}
			f.giveBack(ctx, lanes)
			return nil
		case l := <-done:
			l.running--
		case <-f.signal():
			f.take(ctx, lanes)
		case <-tick.C:
			f.take(ctx, lanes)
		}
	}
}

// take takes all files that are due, each into the lane of its channel. A file that was given out is not due again for a
// while, whatever becomes of it, so this ends.
func (f *Fetcher) take(ctx context.Context, lanes lanes) {
	for ctx.Err() == nil {
		files, err := f.Files.Waiting(ctx, f.Now(), atATime)
		if err != nil {
			if ctx.Err() == nil {
				f.Log.Error("waiting files cannot be read", "code", bot.CodeOf(err))
			}
			return
		}
		if len(files) == 0 {
			return
		}
		until := f.Now().Add(beginIn)
		for _, file := range files {
			lanes.add(file, until)
		}
	}
}

// begin fetches what there is room for. What waited so long that somebody else may be given it while we fetch is left:
// it will be given out again.
func (f *Fetcher) begin(ctx context.Context, lanes lanes, done chan<- *lane) {
	if ctx.Err() != nil {
		return
	}
	now := f.Now()
	for _, l := range lanes {
		for l.running < atOnce && len(l.waits) > 0 {
			next := l.waits[0]
			l.waits = l.waits[1:]
			if now.After(next.until) {
				continue
			}
			l.running++
			go func() {
				f.one(ctx, next.file)
				done <- l
			}()
		}
	}
}

// giveBack makes what was taken and not begun due again, for whoever comes next.
func (f *Fetcher) giveBack(ctx context.Context, lanes lanes) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markIn)
	defer cancel()
	for _, l := range lanes {
		for _, t := range l.waits {
			if f.Now().After(t.until) {
				continue // it may be somebody else's by now
			}
			if err := f.Files.Again(ctx, t.file.ID, f.Now()); err != nil {
				f.Log.Error("a file could not be given back and waits some minutes longer", "file", t.file.ID, "code", bot.CodeOf(err))
			}
		}
	}
}

// one fetches a file and says what became of it. That is said even if the context ends meanwhile: the work is done.
func (f *Fetcher) one(ctx context.Context, file bot.KeptFile) {
	sum, n, mediaType, err := f.fetch(ctx, file)
	say, cancel := context.WithTimeout(context.WithoutCancel(ctx), markIn)
	defer cancel()
	now := f.Now()
	switch {
	case err == nil:
		err = f.Files.Kept(say, file.ID, sum, n, mediaType)
	case ctx.Err() != nil: // it is us who stop: at once when we are back
		err = f.Files.Again(say, file.ID, now)
	default:
		why := reason(err)
		next, again := next(file, now)
		if why == "" && again {
			f.Log.Warn("file could not be fetched", "file", file.ID, "channel", file.From.Channel, "tries", file.Tries+1, "code", bot.CodeOf(err))
			err = f.Files.Again(say, file.ID, next)
			break
		}
		if why == "" {
			why = GaveUp
		}
		f.Log.Error("file is lost", "file", file.ID, "channel", file.From.Channel, "kind", file.File.Kind, "why", why)
		err = f.Files.Lost(say, file.ID, why)
	}
	if err != nil { // it is given out again, and found in the store if it was fetched
		f.Log.Error("what became of a file could not be written", "file", file.ID, "code", bot.CodeOf(err))
	}
}

// lost is the reason of an error that no second try mends.
type lost string

func (l lost) Error() string { return string(l) }

// reason is why a file is lost for good, "" if it may be had later.
func reason(err error) string {
	if why, ok := err.(lost); ok {
		return string(why)
	}
	switch bot.CodeOf(err) {
	case bot.NotFound:
		return Gone
	case bot.Invalid:
		return Refused
	}
	return ""
}

// next is when to try again, with growing pauses, and a last time at the moment at which the platform drops the file;
// false after that.
func next(file bot.KeptFile, now time.Time) (time.Time, bool) {
	till := file.File.Till
	if till.IsZero() {
		till = file.At.Add(defaultTill)
	}
	if !now.Before(till) {
		return time.Time{}, false
	}
	at := now.Add(min(longPause, firstPause<<min(file.Tries, 10)))
	if at.After(till) {
		at = till
	}
	return at, true
}

// fetch brings a file into the store. One that is there already was fetched by somebody who did not live to say so.
func (f *Fetcher) fetch(ctx context.Context, file bot.KeptFile) (sum string, n int64, mediaType string, err error) {
	defer func() {
		if cause := recover(); cause != nil { // its text may hold anything
			f.Log.Error("a channel panicked while a file was fetched", "file", file.ID, "channel", file.From.Channel, "type", fmt.Sprintf("%T", cause))
			err = bot.Errorf(bot.Internal, "fetch file", "the channel panicked")
		}
	}()
	if sum, n, mediaType, err = f.have(ctx, file.ID); err == nil {
		return sum, n, mediaType, nil
	}
	if bot.CodeOf(err) == bot.Invalid {
		return "", 0, "", bot.Errorf(bot.Internal, "fetch file", "its id is none: a fault of ours")
	}
	source, known := f.Sources[file.From.Channel]
	switch {
	case !known:
		return "", 0, "", lost(NoChannel)
	case source == nil:
		return "", 0, "", bot.Errorf(bot.Off, "fetch file", "the channel is off")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchIn)
	defer cancel()
	media, err := source(ctx, file.File.Ref)
	if err != nil {
		return "", 0, "", err
	}
	closed := sync.OnceFunc(func() { _ = media.Body.Close() })
	defer closed()
	stop := context.AfterFunc(ctx, closed) // whatever hangs in Read lets go
	defer stop()
	most := f.Most
	if most == 0 {
		most = MostBytes
	}
	if media.Size > most {
		return "", 0, "", lost(TooLarge)
	}
	body := bufio.NewReaderSize(media.Body, headSize)
	head, err := body.Peek(headSize)
	switch {
	case err != nil && err != io.EOF:
		return "", 0, "", unread("fetch file", file.ID, err)
	case len(head) == 0:
		return "", 0, "", bot.Errorf(bot.Unavailable, "fetch file", "nothing came")
	}
	mediaType = TypeOf(head)
	counted := &over{r: body, left: most}
	sum, n, err = f.Store.Put(ctx, file.ID, counted, most)
	if counted.left < 0 {
		return "", 0, "", lost(TooLarge)
	}
	return sum, n, mediaType, err
}

// over counts down what is read: below 0 there was more than allowed.
type over struct {
	r    io.Reader
	left int64
}

func (o *over) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	o.left -= int64(n)
	return n, err
}

// have reads the file that is in the store.
func (f *Fetcher) have(ctx context.Context, id string) (sum string, n int64, mediaType string, err error) {
	file, err := f.Store.Open(id)
	if err != nil {
		return "", 0, "", err
	}
	defer file.Close()
	in := &source{ctx: ctx, from: file, sum: sha256.New()}
	body := bufio.NewReaderSize(in, headSize)
	head, _ := body.Peek(headSize)
	mediaType = TypeOf(head)
	if n, err = io.Copy(io.Discard, body); err != nil {
		return "", 0, "", unread("read file", id, err)
	}
	return hex.EncodeToString(in.sum.Sum(nil)), n, mediaType, nil
}
