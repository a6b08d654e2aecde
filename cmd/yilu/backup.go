package main

import (
	"fmt"
	"os"

	"yilu/bot"
	"yilu/bot/app"
)

type backupCommand struct {
	To string `help:"File to write the copy to; it must not be there yet." required:"" placeholder:"FILE"`
}

// Run copies the data file, also while a server uses it. What is not in the data file is named.
func (c *backupCommand) Run(s *streams) error {
	setting := s.stores.settings(nil)
	records, ledger := setting("YILU_DATABASE_URL") != "", setting("YILU_REDIS_URL") != ""
	if records && ledger {
		return bot.Errorf(bot.Invalid, "backup", "nothing is in the data file: the records are in PostgreSQL (use pg_dump), the conversations in Redis (copy its append-only files); see OPERATIONS.md")
	}
	if err := app.Backup(s.ctx, *s.data, c.To); err != nil {
		return err
	}
	info, err := os.Stat(c.To)
	if err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: "backup", Field: c.To, Say: "the copy was written and cannot be looked at", Err: err}
	}
	if records {
		fmt.Fprintln(s.errs, "The records are not in it: they are in PostgreSQL, use pg_dump.")
	}
	if ledger {
		fmt.Fprintln(s.errs, "The conversations are not in it: they are in Redis, copy its append-only files.")
	}
	fmt.Fprintf(s.out, "%s: %d bytes, checked. Copy the folder files/ beside the data file now, after it.\n", c.To, info.Size())
	return nil
}
