// Package evidence keeps the photos, recordings and documents that workers send, and fetches them from the platforms
// before those drop them. It guarantees that a file which is in the store is whole and survives the loss of power, that
// only this user can read it, and that a file of which the records know is either kept, or marked as lost with a reason;
// none is forgotten, whatever crashes in between. It cannot get what a platform has dropped already, it does not look
// for viruses, and it does not encrypt: whoever reads the disk reads the files.
//
// What a platform says of a file is not believed: its type is told by its first bytes, its size is counted, and its
// name is never the name of anything on the disk.
package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yilu/bot"
)

// Folder is a store of files in a folder of the local disk, by id, in two levels of folders of at most 256 each. It is
// safe for concurrent use, by several processes too.
type Folder struct {
	dir  string
	sync func(*os.File) error // of a file that was written
}

// Beside is the usual name of the folder, beside the data file.
const Beside = "files"

const (
	coming     = "coming"       // where files are written until they are whole
	abandoned  = 24 * time.Hour // how old a file there is when nobody can be writing it any more
	longestID  = 128
	folderMode = 0o700
)

// OpenFolder opens the store, and makes the folder, readable by its owner only, where there is none. What a crash left
// half written more than a day ago is removed. An Error of code Invalid says that there is no path, Unavailable that
// the folder cannot be made or written.
func OpenFolder(dir string) (*Folder, error) {
	const op = "open evidence"
	if dir == "" {
		return nil, bot.Errorf(bot.Invalid, op, "no folder: name one")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, &bot.Error{Code: bot.Invalid, Op: op, Say: "the path of the folder cannot be resolved", Err: err}
	}
	f := &Folder{dir: dir, sync: (*os.File).Sync}
	for _, name := range []string{dir, f.coming()} {
		if err := os.MkdirAll(name, folderMode); err != nil {
			return nil, unwritable(op, name, err)
		}
		if err := os.Chmod(name, folderMode); err != nil { // one that came back from a backup may be open to others
			return nil, unwritable(op, name, err)
		}
	}
	if err := f.sweep(); err != nil {
		return nil, unwritable(op, f.coming(), err)
	}
	return f, nil
}

func unwritable(op, name string, err error) error {
	return &bot.Error{Code: bot.Unavailable, Op: op, Field: name, Say: "it cannot be written; check who owns it, and that the disk is not full", Err: err}
}

func (f *Folder) coming() string { return filepath.Join(f.dir, coming) }

// sweep removes what a crash left behind. The time is that of the disk: a file that is made now tells it.
func (f *Folder) sweep() error {
	probe, err := os.CreateTemp(f.coming(), "probe-*")
	if err != nil {
		return err
	}
	defer os.Remove(probe.Name())
	info, err := probe.Stat()
	if err = errors.Join(err, probe.Close()); err != nil {
		return err
	}
	left, err := os.ReadDir(f.coming())
	if err != nil {
		return err
	}
	for _, entry := range left {
		if old, err := entry.Info(); err == nil && info.ModTime().Sub(old.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(f.coming(), entry.Name()))
		}
	}
	return nil
}

// Path is where the file of the id is, or would be. An id has 1 to 128 small letters of ASCII, digits, "-", "_" and
// dots, and does not begin with a dot; any other is an Error of code Invalid.
func (f *Folder) Path(id string) (string, error) {
	ok := id != "" && len(id) <= longestID && id[0] != '.'
	for i := range len(id) {
		c := id[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-_.", c) >= 0)
	}
	if !ok {
		return "", bot.Errorf(bot.Invalid, "name evidence", "the id is not made of 1 to %d small letters, digits and dashes", longestID)
	}
	sum := sha256.Sum256([]byte(id)) // ids begin alike; this spreads them
	return filepath.Join(f.dir, hex.EncodeToString(sum[:1]), hex.EncodeToString(sum[1:2]), id), nil
}

// Put keeps what r holds under the id, in place of what was there, and returns its SHA-256 in hex and its size. The
// file is there as a whole or not at all, and when Put returns without error it survives the loss of power. More than
// most bytes are Invalid; a disk that is full or cannot be written is Unavailable, and so is an r that fails, unless its
// error says otherwise. A Put that fails leaves no part of a file behind.
func (f *Folder) Put(ctx context.Context, id string, r io.Reader, most int64) (sum string, n int64, err error) {
	const op = "keep file"
	path, err := f.Path(id)
	if err != nil {
		return "", 0, err
	}
	out, err := os.CreateTemp(f.coming(), "new-*") // of mode 0600
	if err != nil {
		return "", 0, unwritable(op, id, err)
	}
	defer func() {
		if err != nil {
			_ = out.Close()
			_ = os.Remove(out.Name())
		}
	}()
	in := &source{ctx: ctx, from: r, sum: sha256.New()}
	n, err = io.Copy(out, io.LimitReader(in, most+1))
	switch {
	case in.err != nil:
		return "", 0, unread(op, id, in.err)
	case err != nil:
		return "", 0, unwritable(op, id, err)
	case n > most:
		return "", 0, &bot.Error{Code: bot.Invalid, Op: op, Field: id, Say: "it is larger than what is kept"}
	}
	if err = f.place(out, path); err != nil {
		return "", 0, unwritable(op, id, err)
	}
	return hex.EncodeToString(in.sum.Sum(nil)), n, nil
}

// place syncs a file and moves it to where it belongs.
func (f *Folder) place(file *os.File, path string) error {
	if err := errors.Join(f.sync(file), file.Close()); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	for _, name := range []string{folder, filepath.Dir(folder), f.dir} { // the upper ones may be new
		if err := syncFolder(name); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// unread is a source that failed. The text of its error may hold an address with a secret, so it is left out unless it
// is an Error, which holds none.
func unread(op, id string, err error) error {
	var known *bot.Error
	if errors.As(err, &known) {
		return err
	}
	return &bot.Error{Code: bot.Unavailable, Op: op, Field: id, Say: "it broke off while it was read"}
}

// source reads until the context ends, sums up what it read, and tells its own errors from those of the disk.
type source struct {
	ctx  context.Context
	from io.Reader
	sum  hash.Hash
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = err
		return 0, err
	}
	n, err := s.from.Read(p)
	s.sum.Write(p[:n])
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// Open opens the file of the id; whoever gets it closes it. One that is not there is NotFound.
func (f *Folder) Open(id string) (*os.File, error) {
	const op = "open file"
	path, err := f.Path(id)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &bot.Error{Code: bot.NotFound, Op: op, Field: id, Say: "it is not in the store"}
	case err != nil:
		return nil, &bot.Error{Code: bot.Unavailable, Op: op, Field: id, Say: "it cannot be read; check who owns it", Err: err}
	}
	return file, nil
}

// Remove takes the file of the id out of the store for good; that it is gone survives the loss of power. One that is
// not there is fine. What the disk makes of the freed space is not in its hands.
func (f *Folder) Remove(id string) error {
	const op = "remove file"
	path, err := f.Path(id)
	if err != nil {
		return err
	}
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return unwritable(op, id, err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return unwritable(op, id, err)
	}
	return nil
}
