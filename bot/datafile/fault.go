package datafile

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"

	"yilu/bot"
)

// The primary result codes of SQLite that callers are told apart by (https://www.sqlite.org/rescode.html).
const (
	codePerm       = 3
	codeBusy       = 5
	codeLocked     = 6
	codeNoMem      = 7
	codeReadOnly   = 8
	codeInterrupt  = 9
	codeIO         = 10
	codeCorrupt    = 11
	codeFull       = 13
	codeCantOpen   = 14
	codeProtocol   = 15
	codeConstraint = 19
	codeNotADB     = 26
)

// Fault turns an error of the database into an Error: no row is NotFound, a broken constraint Conflict, everything
// that may pass by itself or by an operator's hand (a lock, a full disk, a closed file, a context that ended)
// Unavailable, and the rest Internal. An Error is returned as it is, and nil for nil.
func Fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *bot.Error
	if errors.As(err, &known) {
		return err
	}
	say := ""
	code := bot.Internal
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return &bot.Error{Code: bot.NotFound, Op: op, Say: "there is no such row"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		code = bot.Unavailable
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), err.Error() == closedText:
		code, say = bot.Unavailable, "the database is closed"
	default:
		code, say = byResult(primary(err))
	}
	return &bot.Error{Code: code, Op: op, Say: say, Err: err}
}

// Fault is the function of this name, for those who may have another database.
func (f *File) Fault(op string, err error) error { return Fault(op, err) }

// closedText is how database/sql says that a DB was closed; it has no exported error for it.
const closedText = "sql: database is closed"

func byResult(result int) (bot.Code, string) {
	switch result {
	case codeBusy, codeLocked, codeProtocol:
		return bot.Unavailable, "the data file is locked by another program"
	case codeFull:
		return bot.Unavailable, "the disk is full"
	case codePerm, codeReadOnly, codeCantOpen:
		return bot.Unavailable, "the data file cannot be written; check who owns it"
	case codeIO, codeNoMem, codeInterrupt:
		return bot.Unavailable, "the data file cannot be reached"
	case codeCorrupt, codeNotADB:
		return bot.Unavailable, "the data file is damaged; restore a backup"
	case codeConstraint:
		return bot.Conflict, "it contradicts what is there"
	}
	return bot.Internal, ""
}

// primary is the primary result code of an error of SQLite, 0 for any other.
func primary(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
