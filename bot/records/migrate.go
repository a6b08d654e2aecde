package records

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/pressly/goose/v3"

	"yilu/bot"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate runs the migrations that are missing. Two processes may start at once: goose gives no lock for SQLite, but
// each migration is one transaction, so the second fails on a table that is there, and finds the work done when it
// looks again.
func migrate(ctx context.Context, db *sql.DB) error {
	const op, attempts = "migrate records", 5
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return &bot.Error{Code: bot.Internal, Op: op, Err: err}
	}
	for attempt := 1; ; attempt++ {
		provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return &bot.Error{Code: bot.Internal, Op: op, Say: "the migrations are faulty", Err: err}
		}
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
		if attempt == attempts || ctx.Err() != nil {
			return &bot.Error{Code: bot.Unavailable, Op: op, Say: "the tables could not be brought up to date; nothing was lost, restore a backup or start the newest version", Err: err}
		}
	}
}
