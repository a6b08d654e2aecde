package main

import (
	"fmt"
	"log/slog"
	"time"

	"yilu/bot/app"
)

type migrateCommand struct {
	Status bool `help:"Only say which version the tables have."`
}

// Run says from which version to which. It can be run at any time, also by several at once and while servers run.
func (c *migrateCommand) Run(s *streams) error {
	config := app.Config{Data: *s.data, Settings: s.stores.settings(nil), Now: time.Now, Log: logger(s.errs, slog.LevelWarn)}
	look := app.Migrate
	if c.Status {
		look = app.Version
	}
	from, to, err := look(s.ctx, config)
	if err != nil {
		return err
	}
	switch {
	case from > to:
		fmt.Fprintf(s.out, "records: version %d, which a newer program made; this one makes %d\n", from, to)
	case from == to:
		fmt.Fprintf(s.out, "records: version %d, up to date\n", to)
	case c.Status:
		fmt.Fprintf(s.out, "records: version %d; yilu migrate brings them to %d\n", from, to)
	default:
		fmt.Fprintf(s.out, "records: from version %d to %d\n", from, to)
	}
	return nil
}
