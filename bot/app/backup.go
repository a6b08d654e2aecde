package app

import (
	"context"
	"os"
	"path/filepath"

	"yilu/bot"
	"yilu/bot/datafile"
)

// dataName is the data file in its folder.
const dataName = "yilu.db"

// Backup writes a copy of the data file in a folder to another file, while others may be using it. A folder without a
// data file is NotFound; see datafile.File.Backup for the rest.
func Backup(ctx context.Context, data, to string) error {
	path := filepath.Join(data, dataName)
	if _, err := os.Stat(path); err != nil {
		return &bot.Error{Code: bot.NotFound, Op: "back up data file", Field: path, Say: "there is no data file; name its folder with --data", Err: err}
	}
	file, err := datafile.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Backup(ctx, to)
}
