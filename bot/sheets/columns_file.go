package sheets

import (
	"strconv"
	"time"

	"yilu/bot"
)

// File is a row of the sheet of files.
type File struct {
	bot.KeptFile
	Path string // where it is on this machine, "" where it is not kept
}

// Files is the sheet of the photos, recordings and documents that workers sent, and of where each is. It goes out only.
func Files(w Words, o Options) Sheet[File] {
	s := newSheet("file", w, o, fileColumns())
	s.outOnly = true
	s.id = func(f *File) string { return f.ID }
	return s
}

func fileColumns() []column[File] {
	return []column[File]{
		moment("at", func(f *File) *time.Time { return &f.At }, false),
		text("number", func(f *File) *string { return &f.Number }, 64),
		choice("kind", "filekind", func(f *File) *bot.FileKind { return &f.File.Kind }),
		choice("state", "filestate", func(f *File) *bot.FileState { return &f.State }),
		choice("why", "why", func(f *File) *string { return &f.Why }),
		text("path", func(f *File) *string { return &f.Path }, 0),
		text("type", func(f *File) *string { return &f.File.Type }, 100),
		person("name", func(f *File) *bot.Personal { return &f.File.Name }, 0),
		size("bytes", func(f *File) *int64 { return &f.Bytes }),
		text("channel", func(f *File) *string { return &f.From.Channel }, 40),
		hidden("user", func(f *File) *string { return &f.From.User }),
		text("where", func(f *File) *string { return &f.Where }, 100),
		moment("till", func(f *File) *time.Time { return &f.File.Till }, false),
		text("sum", func(f *File) *string { return &f.Sum }, 64),
		text("id", func(f *File) *string { return &f.ID }, 128),
	}
}

// hidden is a column of plain text that may tell who somebody is. It is for sheets that go out only.
func hidden[T any](key string, at func(*T) *string) column[T] {
	c := text(key, at, 0)
	c.get = func(t *T, v voice) string { return v.personal(bot.NewPersonal(*at(t))) }
	return c
}

// size is a column of bytes; 0 is written as nothing. It is for sheets that go out only.
func size[T any](key string, at func(*T) *int64) column[T] {
	return column[T]{key: key, kind: asNumber, get: func(t *T, _ voice) string {
		if *at(t) == 0 {
			return ""
		}
		return strconv.FormatInt(*at(t), 10)
	}}
}
