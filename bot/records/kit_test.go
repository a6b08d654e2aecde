package records_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yilu/bot/datafile"
	"yilu/bot/postgres"
	"yilu/bot/records"
	"yilu/bot/storetest"
)

// store is the database of a test, and how the test looks under it.
type store struct {
	records.Database
	Read, Write *sql.DB
	address     string // a path, or a URL
	postgres    bool
	another     func(testing.TB) *store // another handle, as another process has one
	Close       func() error
}

// opening opens records on an empty database.
type opening func(testing.TB) (*records.Records, *store)

// databases are those that the records must be the same on, each by a function that makes an empty one.
var databases = map[string]func(testing.TB) *store{
	"sqlite":   func(t testing.TB) *store { return fileAt(t, filepath.Join(t.TempDir(), "yilu.db")) },
	"postgres": func(t testing.TB) *store { return postgresAt(t, emptyPostgres(t)) },
}

// ready are databases of PostgreSQL that have their tables and no rows: making one takes half a second.
var ready = struct {
	sync.Mutex
	addresses []string
}{}

// used gives a database from there; when it is closed it goes back.
func used(t testing.TB) *store {
	t.Helper()
	server := storetest.PostgresFor(t).URL()
	ready.Lock()
	var address string
	if n := len(ready.addresses); n > 0 {
		address, ready.addresses = ready.addresses[n-1], ready.addresses[:n-1]
	}
	ready.Unlock()
	if address == "" {
		address = create(t, server)
	}
	s := postgresAt(t, address, postgres.AnswerIn(3*time.Minute))
	close := s.Close
	var once sync.Once
	s.Close = func() (err error) {
		once.Do(func() {
			err = close()
			admin, fault := postgres.Open(context.Background(), address)
			if fault != nil {
				t.Error(fault)
				return
			}
			defer admin.Close()
			_, fault = admin.Reader().Exec(`DELETE FROM identity; DELETE FROM consent; DELETE FROM application; DELETE FROM alert; DELETE FROM request;
DELETE FROM applied_effect; DELETE FROM station; DELETE FROM post; DELETE FROM contact; DELETE FROM file; DELETE FROM identity_link;
DELETE FROM worker_alias; DELETE FROM worker; DELETE FROM unclear; DELETE FROM unclear_once; DELETE FROM dispute; DELETE FROM dispute_event; DELETE FROM answer; UPDATE post_change SET last = 0`)
			if fault != nil {
				t.Error(fault)
				return
			}
			ready.Lock()
			ready.addresses = append(ready.addresses, address)
			ready.Unlock()
		})
		return err
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// onEach carries T5: it runs a test on every database.
func onEach(t *testing.T, test func(t *testing.T, open opening)) {
	for name, empty := range databases {
		if name == "postgres" {
			empty = used
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, openingOn(empty))
		})
	}
}

func openingOn(empty func(testing.TB) *store) opening {
	return func(t testing.TB) (*records.Records, *store) {
		t.Helper()
		s := empty(t)
		r, err := records.Open(t.Context(), s)
		must(t, err)
		return r, s
	}
}

func fileAt(t testing.TB, path string) *store {
	t.Helper()
	file, err := datafile.Open(path)
	must(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return &store{Database: file, Read: file.Read, Write: file.Write, address: path, Close: file.Close, another: func(t testing.TB) *store { return fileAt(t, path) }}
}

func postgresAt(t testing.TB, address string, options ...postgres.Option) *store {
	t.Helper()
	db, err := postgres.Open(t.Context(), address, options...)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return &store{Database: db, Read: db.Reader(), Write: db.Reader(), address: address, postgres: true, Close: db.Close, another: func(t testing.TB) *store { return postgresAt(t, address, options...) }}
}

// emptyPostgres makes a database that ends with the test.
func emptyPostgres(t testing.TB) string {
	t.Helper()
	server := storetest.PostgresFor(t).URL()
	address := create(t, server)
	t.Cleanup(func() {
		at, _ := url.Parse(address)
		admin(t, server, "DROP DATABASE "+at.Path[1:]+" WITH (FORCE)")
	})
	return address
}

var made atomic.Int64

// create makes a database that sorts as people do and not byte by byte, as an operator's may.
func create(t testing.TB, server string) string {
	t.Helper()
	name := fmt.Sprintf("sorted_%d", made.Add(1))
	admin(t, server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'zh-u-co-pinyin' LC_COLLATE 'C' LC_CTYPE 'C'")
	at, err := url.Parse(server)
	must(t, err)
	at.Path = "/" + name
	return at.String()
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	db, err := postgres.Open(context.Background(), server)
	if err == nil {
		_, err = db.Patient().Exec(statement)
		_ = db.Close()
	}
	if err != nil {
		t.Error(err)
	}
}
