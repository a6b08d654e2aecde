package app

import (
	"context"
	"errors"
	"path/filepath"

	"yilu/bot/datafile"
	"yilu/bot/ledger"
	"yilu/bot/records"
)

// openRecords opens what YILU_DATABASE_URL names, or the data file.
func (a *App) openRecords(ctx context.Context) error {
	file, err := a.dataFile()
	if err != nil {
		return err
	}
	a.Records, err = records.Open(ctx, file)
	return err
}

// openLedger opens what YILU_REDIS_URL names, or the data file.
func (a *App) openLedger(ctx context.Context) error {
	if url := a.Setting("YILU_REDIS_URL"); url != "" {
		store, err := ledger.NewRedis(ctx, ledger.RedisOptions{URL: url})
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
	file, err := datafile.Open(filepath.Join(a.config.Data, "yilu.db"))
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
