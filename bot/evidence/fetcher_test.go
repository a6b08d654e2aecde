package evidence_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"yilu/bot"
	"yilu/bot/datafile"
	"yilu/bot/evidence"
	"yilu/bot/records"
	"yilu/locales"
)

const amr = "#!AMR\n【示例】"

// bench is a fetcher over real records and a real folder, inside a bubble with a clock of its own.
type bench struct {
	*evidence.Fetcher
	records *records.Records
	file    *datafile.File
	folder  string
	log     *bytes.Buffer // read it when nothing runs
	stop    func()        // ends Run and waits for it
}

// source is a Source that answers from a text.
func source(text string) evidence.Source {
	return func(context.Context, string) (bot.Media, error) {
		return bot.Media{Body: io.NopCloser(strings.NewReader(text)), Type: "text/html", Size: int64(len(text))}, nil
	}
}

func failing(err error) evidence.Source {
	return func(context.Context, string) (bot.Media, error) { return bot.Media{}, err }
}

// open makes a bench on a data folder; dir must be made outside of the bubble.
func open(t *testing.T, dir string, sources map[string]evidence.Source) *bench {
	t.Helper()
	file, err := datafile.Open(filepath.Join(dir, "yilu.db"))
	must(t, err)
	r, err := records.Open(t.Context(), file)
	must(t, err)
	folder := filepath.Join(dir, "files")
	store, err := evidence.OpenFolder(folder)
	must(t, err)
	b := &bench{records: r, file: file, folder: folder, log: &bytes.Buffer{}}
	b.Fetcher = &evidence.Fetcher{
		Files: evidence.Book{Waiting: r.FilesWaiting, Kept: r.FileKept, Lost: r.FileLost, Again: r.FileAgain},
		Store: store, Sources: sources, Now: time.Now, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}
	return b
}

func (b *bench) start(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := b.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	b.stop = func() { cancel(); <-done }
}

// send keeps files in the records; who sends is also the channel.
func (b *bench) send(t *testing.T, channel string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		b.sendAs(t, channel, id, bot.File{Ref: "ref-" + id, Kind: bot.Voice, Name: bot.NewPersonal("【示例】 secret name")})
	}
}

func (b *bench) sendAs(t *testing.T, channel, id string, f bot.File) {
	t.Helper()
	b.sendAt(t, time.Now(), channel, id, f)
}

func (b *bench) sendAt(t *testing.T, at time.Time, channel, id string, f bot.File) {
	t.Helper()
	data, err := bot.Pack(bot.KeepFile{File: f})
	must(t, err)
	_, err = b.records.Apply(t.Context(), []bot.Entry{{ID: id, Kind: "keep_file", From: bot.Identity{Channel: channel, User: "u"}, At: at, Data: data}})
	must(t, err)
}

func (b *bench) of(t *testing.T, id string) bot.KeptFile {
	t.Helper()
	f, err := b.records.FileOf(t.Context(), id)
	must(t, err)
	return f
}

// wantKept fails unless the file is kept as text, in the records and in the folder.
func (b *bench) wantKept(t *testing.T, id, text, mediaType string) {
	t.Helper()
	f := b.of(t, id)
	if f.State != bot.FileKept || f.Sum != sumOf(text) || f.Bytes != int64(len(text)) || f.File.Type != mediaType {
		t.Errorf("%s: got %s (%s), %d bytes of %s, want it kept as %s", id, f.State, f.Why, f.Bytes, f.File.Type, mediaType)
		return
	}
	if got := read(t, b.Store, id); got != text {
		t.Errorf("%s holds %q", id, got)
	}
}

func (b *bench) wantLost(t *testing.T, id, why string) {
	t.Helper()
	if f := b.of(t, id); f.State != bot.FileLost || f.Why != why {
		t.Errorf("%s: got %s (%s) after %d tries, want it lost: %s", id, f.State, f.Why, f.Tries, why)
	}
	if !strings.Contains(b.log.String(), "level=ERROR msg=\"file is lost\" file="+id) {
		t.Errorf("%s: the log does not say so: %s", id, b.log)
	}
}

// bubble runs a test in virtual time.
func bubble(t *testing.T, sources map[string]evidence.Source, test func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := open(t, dir, sources)
		defer b.file.Close()
		test(t, b)
	})
}

func TestFetch(t *testing.T) {
	bubble(t, map[string]evidence.Source{"wechat": source(amr), "telegram": source("hello"), "web": nil}, func(t *testing.T, b *bench) {
		b.send(t, "wechat", "f1")
		b.start(t)
		synctest.Wait()
		b.wantKept(t, "f1", amr, "audio/amr") // at the start

		b.send(t, "telegram", "f2", "f3")
		b.Nudge()
		b.Nudge()
		synctest.Wait()
		b.wantKept(t, "f2", "hello", evidence.Unknown) // when it is told, and whatever the platform says of the type
		b.wantKept(t, "f3", "hello", evidence.Unknown)

		b.send(t, "wechat", "f4")
		time.Sleep(31 * time.Second)
		synctest.Wait()
		b.wantKept(t, "f4", amr, "audio/amr") // by itself
		b.stop()
		if b.log.Len() > 0 {
			t.Errorf("log: %s", b.log)
		}
	})
}

func TestLost(t *testing.T) {
	secret := errors.New("https://example.test/?token=secret")
	sources := map[string]evidence.Source{
		"gone":    failing(bot.Errorf(bot.NotFound, "fetch", "gone")),
		"invalid": failing(bot.Errorf(bot.Invalid, "fetch", "no such ref")),
		"large":   source(strings.Repeat("x", 1001)),
		"lies": func(context.Context, string) (bot.Media, error) {
			return bot.Media{Body: io.NopCloser(strings.NewReader(strings.Repeat("x", 1001))), Size: -1}, nil
		},
		"refuses": func(context.Context, string) (bot.Media, error) {
			tooLarge := iotest.ErrReader(bot.Errorf(bot.Invalid, "fetch", "is over 20 MiB"))
			return bot.Media{Body: io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 900)), tooLarge)), Size: -1}, nil
		},
		"down":  failing(bot.Errorf(bot.Unavailable, "fetch", "secret")),
		"empty": source(""),
		"breaks": func(context.Context, string) (bot.Media, error) {
			return bot.Media{Body: io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 900)), iotest.ErrReader(secret))), Size: -1}, nil
		},
		"panics": func(context.Context, string) (bot.Media, error) { panic("secret") },
		"nobody": func(context.Context, string) (bot.Media, error) { return bot.Media{}, nil },
		"off":    nil,
		"fine":   source(amr),
	}
	bubble(t, sources, func(t *testing.T, b *bench) {
		b.Most = 1000
		wants := map[string]string{
			"gone": evidence.Gone, "invalid": evidence.Refused, "refuses": evidence.Refused, "large": evidence.TooLarge, "lies": evidence.TooLarge, "unknown": evidence.NoChannel,
			"down": evidence.GaveUp, "empty": evidence.GaveUp, "breaks": evidence.GaveUp, "panics": evidence.GaveUp, "nobody": evidence.GaveUp, "off": evidence.GaveUp,
		}
		for channel := range wants { // six hours before they have waited for three days
			b.sendAt(t, time.Now().Add(-66*time.Hour), channel, channel, bot.File{Ref: "r", Kind: bot.Photo, Name: bot.NewPersonal("secret")})
		}
		b.send(t, "fine", "fine")
		b.start(t)
		synctest.Wait()
		b.wantKept(t, "fine", amr, "audio/amr") // whatever the others do
		for channel, why := range wants {
			if f := b.of(t, channel); why == evidence.GaveUp && (f.State != bot.FileWaits || f.Tries != 1) {
				t.Errorf("%s: got %s after %d tries, want it to wait", channel, f.State, f.Tries)
			}
		}
		time.Sleep(6*time.Hour + time.Minute)
		synctest.Wait()
		b.stop()
		for channel, why := range wants {
			b.wantLost(t, channel, why)
			if f := b.of(t, channel); why == evidence.GaveUp && (f.Tries < 10 || f.Tries > 16) {
				t.Errorf("%s: %d tries in six hours, want few at first and then one an hour", channel, f.Tries)
			}
		}
		if list := held(t, b.folder); len(list) != 1 {
			t.Errorf("the folder holds %v, want the good one", list)
		}
		if strings.Contains(b.log.String(), "was fetched\" file=off") {
			t.Error("a channel that is off was asked")
		}
		if strings.Contains(b.log.String(), "secret") {
			t.Errorf("the log tells too much: %s", b.log)
		}
	})
}

// A platform that comes back is asked again, at the last moment at which it has the file too.
func TestFetchAgain(t *testing.T) {
	var up atomic.Bool
	sources := map[string]evidence.Source{"wechat": func(ctx context.Context, ref string) (bot.Media, error) {
		if !up.Load() {
			return bot.Media{}, bot.Errorf(bot.Unavailable, "fetch", "down")
		}
		return source(amr)(ctx, ref)
	}}
	bubble(t, sources, func(t *testing.T, b *bench) {
		b.start(t)
		b.sendAs(t, "wechat", "f1", bot.File{Ref: "r", Till: time.Now().Add(40 * time.Minute)})
		b.sendAs(t, "wechat", "f2", bot.File{Ref: "r", Till: time.Now().Add(10 * time.Minute)})
		b.Nudge()
		time.Sleep(33 * time.Minute) // the usual pause would lead past the end
		up.Store(true)
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		b.stop()
		b.wantKept(t, "f1", amr, "audio/amr")
		b.wantLost(t, "f2", evidence.GaveUp)
	})
}

// TestFetchAfterCrash: whoever dies between storing and saying so loses nothing, even if the platform has dropped the
// file meanwhile.
func TestFetchAfterCrash(t *testing.T) {
	var fetched atomic.Int32
	sources := map[string]evidence.Source{"wechat": func(ctx context.Context, ref string) (bot.Media, error) {
		if fetched.Add(1) > 1 {
			return bot.Media{}, bot.Errorf(bot.NotFound, "fetch", "gone")
		}
		return source(amr)(ctx, ref)
	}}
	bubble(t, sources, func(t *testing.T, b *bench) {
		b.send(t, "wechat", "f1")
		kept := b.Files.Kept
		b.Files.Kept = func(context.Context, string, string, int64, string) error {
			return bot.Errorf(bot.Unavailable, "mark", "killed")
		}
		b.start(t)
		synctest.Wait()
		b.stop()
		if f := b.of(t, "f1"); f.State != bot.FileWaits {
			t.Fatalf("got %s, want it to wait", f.State)
		}
		b.Files.Kept = kept
		b.start(t)
		time.Sleep(records.Lease + time.Minute)
		synctest.Wait()
		b.stop()
		b.wantKept(t, "f1", amr, "audio/amr")
		if n := fetched.Load(); n != 1 {
			t.Errorf("fetched %d times, want once", n)
		}
	})
}

// A stop ends what is being fetched, and the next start fetches it at once.
func TestStop(t *testing.T) {
	var up atomic.Bool
	sources := map[string]evidence.Source{"wechat": func(ctx context.Context, ref string) (bot.Media, error) {
		if !up.Load() {
			<-ctx.Done()
			return bot.Media{}, ctx.Err()
		}
		return source(amr)(ctx, ref)
	}}
	bubble(t, sources, func(t *testing.T, b *bench) {
		b.send(t, "wechat", "f1")
		b.start(t)
		synctest.Wait()
		b.stop()
		up.Store(true)
		b.start(t)
		synctest.Wait()
		b.stop()
		b.wantKept(t, "f1", amr, "audio/amr")
	})
}

// Records that cannot be reached are asked again, and no file is lost by it.
func TestRecordsDown(t *testing.T) {
	bubble(t, map[string]evidence.Source{"wechat": source(amr)}, func(t *testing.T, b *bench) {
		var down atomic.Bool
		waiting := b.Files.Waiting
		b.Files.Waiting = func(ctx context.Context, now time.Time, limit int) ([]bot.KeptFile, error) {
			if down.Load() {
				return nil, bot.Errorf(bot.Unavailable, "read", "down")
			}
			return waiting(ctx, now, limit)
		}
		down.Store(true)
		b.send(t, "wechat", "f1")
		b.start(t)
		synctest.Wait()
		down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		b.stop()
		b.wantKept(t, "f1", amr, "audio/amr")
		if !strings.Contains(b.log.String(), "code=unavailable") {
			t.Errorf("log: %s", b.log)
		}
	})
}

// Every reason has words for staff, in both languages.
func TestReasonsHaveWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"zh-CN", "en"} {
		texts, err := locales.Files.ReadFile(lang + "/sheets.toml")
		must(t, err)
		for _, why := range []string{evidence.Gone, evidence.Refused, evidence.TooLarge, evidence.NoChannel, evidence.GaveUp} {
			if !strings.Contains(string(texts), "\n\"sheets.why."+why+"\" = \"") {
				t.Errorf("%s has no words for %q", lang, why)
			}
		}
	}
}
