package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"yilu/bot/datafile"
	"yilu/bot/ledger"
	"yilu/bot/postgres"
	"yilu/bot/records"
)

// openRecords opens what YILU_DATABASE_URL names, or the data file.
func (a *App) openRecords(ctx context.Context) error {
	db, err := a.database(ctx)
	if err != nil {
		return err
	}
	options := []records.Option{records.Lag(a.config.Now, postsLag)}
	if a.Setting(ledger.RedisSetting) != "" {
		options = append(options, records.LedgerElsewhere())
	}
	a.Records, err = records.Open(ctx, db, options...)
	return err
}

// postsLag is how long posts that another process has written may stay unseen here.
const postsLag = 200 * time.Millisecond

// database is where the records are.
func (a *App) database(ctx context.Context) (records.Database, error) {
	address := a.Setting(postgres.Setting)
	if address == "" {
		return a.dataFile()
	}
	db, err := postgres.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, db.Close)
	return db, nil
}

// openLedger opens what YILU_REDIS_URL names, or the data file.
func (a *App) openLedger(ctx context.Context) error {
	if url := a.Setting(ledger.RedisSetting); url != "" {
		store, err := ledger.NewRedis(ctx, ledger.RedisOptions{URL: url, Hook: a.metrics.RedisHook()})
		if err != nil {
			return err
		}
		a.ledger = store
		a.closers = append(a.closers, store.Close)
		return nil
	}
	file, err := a.dataFile()
	if err != nil {
		return err
	}
	a.ledger, err = ledger.NewEmbedded(ctx, file)
	return err
}

// dataFile is opened for whoever needs it first.
func (a *App) dataFile() (*datafile.File, error) {
	if a.file != nil {
		return a.file, nil
	}
	file, err := datafile.Open(filepath.Join(a.config.Data, dataName))
	if err != nil {
		return nil, err
	}
	a.file = file
	a.closers = append(a.closers, file.Close)
	return file, nil
}

// Close closes the stores, the one that was opened last first.
func (a *App) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}
