package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"yilu/bot/postgres"
	"yilu/bot/records"
)

// Migrate brings the tables of the records up to date, as Open does, and says from which version to which. Of somebody
// who has newer ones it changes nothing, and from is to.
func Migrate(ctx context.Context, c Config) (from, to int64, err error) {
	err = withDatabase(ctx, c, func(db records.Database) error {
		from, to, err = records.Migrate(ctx, db)
		return err
	})
	return from, to, err
}

// Version says which version the tables of the records have, and which this program makes. It makes no data file: where
// there is none the version is 0.
func Version(ctx context.Context, c Config) (now, newest int64, err error) {
	if c.Settings == nil || c.Settings(postgres.Setting) == "" {
		if _, err := os.Stat(filepath.Join(c.Data, dataName)); errors.Is(err, os.ErrNotExist) {
			return 0, records.Newest, nil
		}
	}
	err = withDatabase(ctx, c, func(db records.Database) error {
		now, newest, err = records.Version(ctx, db)
		return err
	})
	return now, newest, err
}

func withDatabase(ctx context.Context, c Config, do func(records.Database) error) error {
	a := &App{config: c}
	db, err := a.database(ctx)
	if err == nil {
		err = do(db)
	}
	return errors.Join(err, a.Close())
}
