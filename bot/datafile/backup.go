package datafile

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"

	"yilu/bot"
)

// Backup writes a copy of the file as it is at this moment to another one, which must not be there yet. The copy is whole
// or is not there, is checked before it gets its name, survives the loss of power, and can be read by its owner only.
// Others may read and write the file meanwhile. An Error of code Conflict says that there is something under the name
// already, Unavailable that the copy cannot be written.
func (f *File) Backup(ctx context.Context, to string) (err error) {
	const op = "back up data file"
	unwritable := func(err error) error {
		return &bot.Error{Code: bot.Unavailable, Op: op, Field: to, Say: "the copy cannot be written; check that the folder is there, who owns it, and the room on the disk", Err: err}
	}
	if to == "" {
		return bot.Errorf(bot.Invalid, op, "no name for the copy: name a file, as in --to /backup/yilu.db")
	}
	if _, err := os.Lstat(to); err == nil {
		return &bot.Error{Code: bot.Conflict, Op: op, Field: to, Say: "is there already, and is not overwritten; name another file"}
	}
	part, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".part-*") // 0600, and empty, as VACUUM INTO wants it
	if err != nil {
		return unwritable(err)
	}
	defer os.Remove(part.Name())
	defer part.Close()
	// A connection of its own: the copy takes long, reads one state of the file throughout, and must hold up nobody.
	db, err := sql.Open("sqlite", dsn(f.path, Wait, ""))
	if err != nil {
		return Fault(op, err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", part.Name()); err != nil {
		if ctx.Err() != nil {
			return Fault(op, ctx.Err())
		}
		return unwritable(err)
	}
	if err := whole(ctx, part.Name()); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return unwritable(err)
	}
	if err := os.Rename(part.Name(), to); err != nil {
		return unwritable(err)
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return unwritable(err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return unwritable(err)
	}
	return nil
}

// whole checks a copy from end to end.
func whole(ctx context.Context, path string) error {
	const op = "check copy"
	db, err := sql.Open("sqlite", dsn(path, Wait, "mode=ro&immutable=1"))
	if err != nil {
		return Fault(op, err)
	}
	defer db.Close()
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&said); err != nil {
		return Fault(op, err)
	}
	if said != "ok" {
		return &bot.Error{Code: bot.Unavailable, Op: op, Field: path, Say: "the copy is damaged, and so may be the data file: keep every older copy"}
	}
	return nil
}
