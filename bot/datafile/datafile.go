// Package datafile opens the one SQLite file that the ledger and the records share. It guarantees one writer at a time
// within the process, readers that never wait for it, transactions that happen whole or not at all through kill -9,
// and, for those that ask for it, through the loss of power. Several processes may open one file on one machine; a
// writer waits up to Wait for another process and then fails with code Unavailable. A file on a network drive, or one
// shared between machines, is not supported: SQLite's write-ahead log needs shared memory.
package datafile

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"yilu/bot"
)

// Wait is how long a write waits for another process before it gives up. It leaves time to answer inside the 5 s that
// WeChat allows for a passive reply.
const Wait = 3 * time.Second

// readers is how many connections read at once. A read takes some ten microseconds, so few are enough, and each one
// costs a page cache of its own.
const readers = 4

// File is the open data file. It is safe for concurrent use.
type File struct {
	// Write has one connection, so writers queue here and not at the busy handler of SQLite, which is unfair. A
	// transaction on it takes the write lock at once. Whoever needs power-loss durability goes through Tx.
	Write *sql.DB
	// Read has a few connections that refuse to write.
	Read *sql.DB

	path string

	// The synchronous level is a property of the one write connection. Both fields belong to whoever holds it.
	conn driver.Conn // the connection that full describes
	full bool
}

// Open opens the file, and makes it (readable by its owner only) with its folder where there is none. An Error says
// what is in the way: code Invalid for a path that cannot be a data file, Unavailable for a folder or a lock.
func Open(path string) (*File, error) { return open(path, Wait) }

func open(path string, wait time.Duration) (*File, error) {
	if path == "" {
		return nil, bot.Errorf(bot.Invalid, opOpen, "no path: name a file, as in --data ./data")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, &bot.Error{Code: bot.Invalid, Op: opOpen, Say: "the path cannot be resolved", Err: err}
	}
	if err := ensure(path); err != nil {
		return nil, err
	}
	f := &File{path: path}
	if f.Write, err = sql.Open("sqlite", dsn(path, wait, "_txlock=immediate")); err != nil {
		return nil, f.refuse(err)
	}
	f.Write.SetMaxOpenConns(1)
	if f.Read, err = sql.Open("sqlite", dsn(path, wait, "_pragma=query_only(1)")); err != nil {
		return nil, f.refuse(err)
	}
	f.Read.SetMaxOpenConns(readers)
	f.Read.SetMaxIdleConns(readers)
	if err := f.check(); err != nil {
		return nil, f.refuse(err)
	}
	return f, nil
}

// ensure makes the folder and an empty file, closed to everybody else: what is in it is personal. SQLite gives its
// side files the same mode.
func ensure(path string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: opOpen, Field: folder, Say: "the folder cannot be made; choose another with --data or give this user the right to write there", Err: err}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: opOpen, Field: path, Say: "the file cannot be opened for writing; check who owns it and its folder", Err: err}
	}
	// A file that came back from a backup may be open to others; SQLite makes its side files as open as the file.
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o077 != 0 {
			if err := os.Chmod(name, 0o600); err != nil {
				_ = file.Close()
				return &bot.Error{Code: bot.Unavailable, Op: opOpen, Field: name, Say: "others can read it, and that cannot be changed; check who owns it", Err: err}
			}
		}
	}
	return file.Close()
}

// dsn names the file for the driver. The pragmas are constants: the driver runs them as they stand.
func dsn(path string, wait time.Duration, more string) string {
	pragmas := fmt.Sprintf("_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_pragma=journal_size_limit(67108864)", wait.Milliseconds())
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas + "&" + more
}

// check makes sure that the file is a database in write-ahead mode, that it can be read, and that it can be written.
func (f *File) check() error {
	var mode string
	if err := f.Write.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return &bot.Error{Code: bot.Unavailable, Op: opOpen, Field: f.path, Say: "the disk has no write-ahead log (" + mode + "); put the data on a local disk"}
	}
	if err := f.Tx(context.Background(), false, func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	var n int
	return f.Read.QueryRow("SELECT COUNT(*) FROM sqlite_master").Scan(&n)
}

// refuse closes what was opened and says why in terms of the file.
func (f *File) refuse(err error) error {
	_ = f.Close()
	var known *bot.Error
	if errors.As(err, &known) && known.Field != "" {
		return err
	}
	say := "the file cannot be opened"
	switch code := primary(err); code {
	case codeNotADB, codeCorrupt:
		say = "the file is no SQLite database, or is damaged; name another one, or restore a backup"
	case codeBusy, codeLocked:
		say = "another program has held the file's write lock for too long; stop it, or try again when it is done"
	case codeReadOnly, codeCantOpen, codePerm:
		say = "the file or its folder cannot be written; check who owns them"
	}
	if errors.As(err, &known) {
		err = known.Err
	}
	return &bot.Error{Code: bot.Unavailable, Op: opOpen, Field: f.path, Say: say, Err: err}
}

const opOpen = "open data file"

// Path is the file's absolute path.
func (f *File) Path() string { return f.path }

// Reader returns the handle for small reads.
func (f *File) Reader() *sql.DB { return f.Read }

// ReadIn is how long a small read may take; 0, because a file always answers.
func (f *File) ReadIn() time.Duration { return 0 }

// Patient returns the handle for reads that take long.
func (f *File) Patient() *sql.DB { return f.Read }

// Writer returns the handle on which to keep the statements of transactions prepared.
func (f *File) Writer() *sql.DB { return f.Write }

// Schema returns the handle to change tables with, and the name of the dialect.
func (f *File) Schema() (*sql.DB, string) { return f.Write, "sqlite3" }

// Close closes the file. The last one to close it folds the write-ahead log back in.
func (f *File) Close() error {
	var errs []error
	for _, db := range []*sql.DB{f.Read, f.Write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Fault("close data file", err)
	}
	return nil
}
