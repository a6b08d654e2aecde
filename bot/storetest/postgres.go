package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"yilu/bot"
)

// pgFolders is where systems keep the server of PostgreSQL, which is often not in the path.
var pgFolders = []string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
}

// Postgres is one PostgreSQL with a data folder of its own, or one database of it. It needs no password and syncs what
// it commits.
type Postgres struct {
	*postgres
	database string
}

type postgres struct {
	process
	port    int
	sweeper io.Closer // the input of the shell that sweeps up behind us, open for as long as we live
}

// StartPostgres makes a data folder in dir and starts a server on it. As root it runs as the user postgres, or nobody.
func StartPostgres(dir string) (*Postgres, error) {
	const op = "start postgres"
	initdb, err := find("initdb", pgFolders...)
	if err != nil {
		return nil, err
	}
	path, err := find("postgres", pgFolders...)
	if err != nil {
		return nil, err
	}
	as, uid, gid, err := serverUser()
	if err != nil {
		return nil, &bot.Error{Code: bot.Off, Op: op, Say: "postgres refuses root, and there is no user postgres or nobody", Err: err}
	}
	if dir, err = filepath.Abs(dir); err == nil {
		err = os.MkdirAll(filepath.Join(dir, "socket"), 0o700)
	}
	if err == nil && as != nil {
		err = errors.Join(passable(dir), os.Chown(dir, uid, gid), os.Chown(filepath.Join(dir, "socket"), uid, gid))
	}
	if err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: op, Err: err}
	}
	data := filepath.Join(dir, "data")
	cmd := exec.Command(initdb, "-A", "trust", "-E", "UTF8", "--locale=C", "-U", "postgres", "--no-sync", "-D", data)
	cmd.Dir, cmd.SysProcAttr = dir, attributes(as)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	started, ended := make(chan error), make(chan struct{})
	go run(cmd, started, ended)
	err = <-started
	<-ended
	if err != nil || !cmd.ProcessState.Success() {
		return nil, &bot.Error{Code: bot.Unavailable, Op: op, Say: "initdb failed: " + out.String(), Err: err}
	}
	var pg *postgres
	err = onPort(func(port int) error {
		pg = &postgres{port: port, process: process{name: "postgres", path: path, dir: dir, as: as, args: pgArgs(dir, port)}}
		return taken(port, pg.process.start(pg.ready))
	})
	if err != nil {
		return nil, err
	}
	return &Postgres{postgres: pg, database: "postgres"}, nil
}

func pgArgs(dir string, port int) []string {
	socket := filepath.Join(dir, "socket")
	if len(socket) > 80 {
		socket = "" // its name would be longer than systems allow; who wants it gives a shorter folder
	}
	return []string{
		"-D", filepath.Join(dir, "data"), "-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(port),
		"-c", "unix_socket_directories=" + socket, "-c", "fsync=on", "-c", "max_connections=200", "-c", "timezone=UTC",
	}
}

// passable lets another user reach a folder that we made among the temporary ones.
func passable(dir string) error {
	top := filepath.Clean(os.TempDir())
	for at := filepath.Dir(dir); strings.HasPrefix(at, top+string(filepath.Separator)); at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&0o011 != 0o011 {
			if err := os.Chmod(at, mode|0o011); err != nil {
				return err
			}
		}
	}
	return nil
}

// ready tells that the server on our port is ours and takes commands.
func (pg *postgres) ready(ctx context.Context) error {
	return pg.admin(ctx, func(ctx context.Context, c *pgx.Conn) error {
		var data string
		if err := c.QueryRow(ctx, "SHOW data_directory").Scan(&data); err != nil {
			return err
		}
		if data != filepath.Join(pg.dir, "data") {
			return fmt.Errorf("somebody else's server is at %s", loopback(pg.port))
		}
		return nil
	})
}

// admin gives a connection for a few commands, which may write whatever the server says of others.
func (pg *postgres) admin(ctx context.Context, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, within/6)
	defer cancel()
	c, err := pgx.Connect(ctx, pg.url("postgres")+"&default_transaction_read_only=off")
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, c), c.Close(context.WithoutCancel(ctx)))
}

func (pg *postgres) url(database string) string {
	return "postgres://postgres@" + loopback(pg.port) + "/" + database + "?sslmode=disable"
}

// URL is how a client is told of the server and the database.
func (p *Postgres) URL() string { return p.url(p.database) }

// Addr is host:port.
func (p *Postgres) Addr() string { return loopback(p.port) }

// PID is 0 while the server is down.
func (p *Postgres) PID() int { return p.pid() }

// Dir holds the data folder, the socket and the log.
func (p *Postgres) Dir() string { return p.dir }

// Kill ends the server and everything that it started, as the loss of the machine does, and waits.
func (p *Postgres) Kill() error { return p.kill() }

// Stop lets the server end in order, without waiting for its clients.
func (p *Postgres) Stop() error { return p.stop(syscall.SIGINT) }

// Start starts it again, on the same port with the same data.
func (p *Postgres) Start() error {
	return restart(func() error { return p.process.start(p.ready) })
}

// Pause halts the server with all its connections: they stand and nothing is answered. Resume lets them go on.
func (p *Postgres) Pause() error { return p.pause() }

// Resume ends a pause.
func (p *Postgres) Resume() error { return p.resume() }

// ReadOnly makes the server refuse writing, as a replica does, or takes that back. All connections are ended, so that
// none goes on as before.
func (p *Postgres) ReadOnly(on bool) error {
	value := "off"
	if on {
		value = "on"
	}
	const op = "make postgres read-only"
	err := p.admin(context.Background(), func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "ALTER SYSTEM SET default_transaction_read_only = "+value)
		return err
	})
	if err == nil {
		err = signal(p.pid(), syscall.SIGHUP)
	}
	if err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: op, Err: err}
	}
	// New connections first: one that is made after that and before the others are ended is right already.
	err = until(op, func(ctx context.Context) error {
		c, err := pgx.Connect(ctx, p.url("postgres"))
		if err != nil {
			return err
		}
		defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
		var now string
		if err := c.QueryRow(ctx, "SHOW default_transaction_read_only").Scan(&now); err != nil {
			return err
		}
		if now != value {
			return fmt.Errorf("it is still %s", now)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := p.Cut(); err != nil {
		return &bot.Error{Code: bot.Unavailable, Op: op, Err: err}
	}
	return nil
}

// Cut ends all connections to the server.
func (p *Postgres) Cut() error {
	return p.admin(context.Background(), func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `DO $$ BEGIN
			PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid();
		END $$`)
		return err
	})
}

// NewDatabase makes an empty database; its name begins as asked, in small letters, and is like no other.
func (p *Postgres) NewDatabase(name string) (url string, err error) {
	letters := strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return '_'
		}
		return r
	}, strings.ToLower(name))
	database := letters + "_" + strings.ToLower(rand.Text())
	err = p.admin(context.Background(), func(ctx context.Context, c *pgx.Conn) error {
		// From template0, to which nobody is ever connected.
		_, err := c.Exec(ctx, "CREATE DATABASE "+database+" TEMPLATE template0")
		return err
	})
	if err != nil {
		return "", &bot.Error{Code: bot.Unavailable, Op: "make database", Err: err}
	}
	return p.url(database), nil
}

// shared is the server of all tests of one binary that only need a database.
var shared = sync.OnceValues(func() (*Postgres, error) {
	dir, err := os.MkdirTemp("", "yilu-postgres-")
	if err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "start postgres", Err: err}
	}
	p, err := StartPostgres(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	p.sweeper, err = sweep(dir)
	return p, err
})

// sweep removes the folder after we have ended, however that happens, and ends the server if it has not yet: a shell
// waits for its input to close, which the system does for us.
func sweep(dir string) (io.Closer, error) {
	cmd := exec.Command("sh", "-c", `cat >/dev/null; kill -KILL "$(head -n 1 "$1/data/postmaster.pid")" 2>/dev/null; sleep 1; rm -rf "$1"`, "sh", dir)
	cmd.SysProcAttr = group()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "start postgres", Err: err}
	}
	if err := cmd.Start(); err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "start postgres", Err: err}
	}
	return in, nil
}

// PostgresFor gives an empty database. The server is one for all tests of the binary and ends with it: it is not to be
// killed, paused or made read-only; PrivatePostgresFor gives one that may be.
func PostgresFor(t testing.TB) *Postgres {
	t.Helper()
	one, err := shared()
	if err == nil {
		var url string
		if url, err = one.NewDatabase("test"); err == nil {
			database := strings.TrimPrefix(strings.TrimSuffix(url, "?sslmode=disable"), "postgres://postgres@"+one.Addr()+"/")
			one = &Postgres{postgres: one.postgres, database: database}
		}
	}
	return started(t, func() (*Postgres, error) { return one, err }, func(*Postgres) error { return nil })
}
