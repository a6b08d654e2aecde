package records

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"yilu/bot"
)

//go:embed migrations/*.sql
var migrations embed.FS

const opMigrate = "migrate records"

// Newest is the version of the tables that this program makes.
const Newest = 7

// Migrate runs the migrations that are missing, and says from which version to which. Any number of processes may start
// at once. On PostgreSQL one of them holds a lock and the others wait. For SQLite goose gives no lock, but each
// migration is one transaction, so the second fails on a table that is there, and finds the work done when it looks
// again.
func Migrate(ctx context.Context, db Database) (from, to int64, err error) {
	const attempts = 5
	for attempt := 1; ; attempt++ {
		provider, err := provider(db)
		if err != nil {
			return 0, 0, err
		}
		if from, to, err = up(ctx, provider); err == nil {
			return from, to, nil
		}
		if attempt == attempts || ctx.Err() != nil {
			return 0, 0, unmigrated(db, err)
		}
	}
}

// up looks without the lock first: as a rule there is nothing to do, and processes that start together need not wait.
func up(ctx context.Context, provider *goose.Provider) (from, to int64, err error) {
	if from, to, err = provider.GetVersions(ctx); err != nil || from >= to {
		return from, max(from, to), err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return 0, 0, err
	}
	if len(done) == 0 { // somebody else was faster
		from = to
	}
	return from, to, nil
}

// Version says which version the tables have, and to which Migrate would bring them. It changes nothing but to note, in
// an empty database, that there is nothing yet.
func Version(ctx context.Context, db Database) (now, newest int64, err error) {
	provider, err := provider(db)
	if err != nil {
		return 0, 0, err
	}
	if now, newest, err = provider.GetVersions(ctx); err != nil {
		return 0, 0, unmigrated(db, err)
	}
	return now, newest, nil
}

func provider(db Database) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, &bot.Error{Code: bot.Internal, Op: opMigrate, Err: err}
	}
	handle, dialect := db.Schema()
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(byBytes(dialect, 3), byBytes(dialect, 5), byBytes(dialect, 7))}
	if dialect == string(goose.DialectPostgres) {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120), lock.WithUnlockTimeout(1, 5))
		if err != nil {
			return nil, &bot.Error{Code: bot.Internal, Op: opMigrate, Err: err}
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(goose.Dialect(dialect), handle, folder, options...)
	if err != nil {
		return nil, &bot.Error{Code: bot.Internal, Op: opMigrate, Say: "the migrations are faulty", Err: err}
	}
	return provider, nil
}

// unmigrated says why the tables are not up to date.
func unmigrated(db Database, err error) error {
	var known *bot.Error
	if errors.As(db.Fault(opMigrate, err), &known) && known.Code == bot.Unavailable {
		return known
	}
	fault := &bot.Error{Code: bot.Unavailable, Op: opMigrate, Say: "the tables could not be brought up to date; nothing was lost, restore a backup or start the newest version"}
	if known != nil {
		fault.Err = known.Err
	}
	return fault
}

// byBytes is the third migration, and the one behind every later one that adds columns of text: PostgreSQL compares texts
// as the database's language does unless it is told, and SQLite byte by byte. With it both do the latter, so that what is
// sorted or compared is the same, and stays so when the system's tables of languages change. A test finds a column that
// was forgotten.
func byBytes(dialect string, version int64) *goose.Migration {
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		if dialect != string(goose.DialectPostgres) {
			return nil
		}
		return sortByBytes(ctx, tx)
	}}, &goose.GoFunc{RunTx: func(context.Context, *sql.Tx) error { return nil }})
}

func sortByBytes(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `DO $$
DECLARE c RECORD;
BEGIN
	FOR c IN SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND table_name IN (
			'worker', 'identity', 'consent', 'application', 'alert', 'request', 'applied_effect', 'station', 'post', 'contact', 'file',
			'identity_link', 'worker_alias', 'unclear', 'unclear_once', 'dispute', 'dispute_event', 'answer')
		ORDER BY table_name, column_name
	LOOP
		EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE TEXT COLLATE "C"', c.table_name, c.column_name);
	END LOOP;
END $$`)
	return err
}
