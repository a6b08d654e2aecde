//go:build unix

package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"yilu/bot/storetest"
)

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("%s: not within 20 s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// client is one that tries once and waits a second at most.
func client(t *testing.T, addr string) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, ReadTimeout: time.Second, DialTimeout: time.Second, DialerRetries: 1, DisableIdentity: true, Protocol: 2})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// What a Redis with an append-only file acknowledged is there after kill -9, on the same port in the same folder.
func TestRedisKill(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{AppendOnly: "always"})
	c, ctx := client(t, r.Addr()), t.Context()
	for i := range 100 {
		must(t, c.Set(ctx, fmt.Sprint("k", i), i, 0).Err())
	}
	for _, end := range []func() error{r.Kill, r.Stop} {
		pid, addr := r.PID(), r.Addr()
		must(t, end())
		if !gone(pid) || r.PID() != 0 {
			t.Fatalf("process %d is still there", pid)
		}
		if err := c.Ping(ctx).Err(); err == nil {
			t.Fatal("a server that is down answers")
		}
		must(t, r.Start())
		if r.Addr() != addr || r.PID() == pid || r.PID() == 0 {
			t.Fatalf("at %s as %d, before at %s as %d", r.Addr(), r.PID(), addr, pid)
		}
		eventually(t, "all keys", func() bool { return c.DBSize(ctx).Val() == 100 })
	}
	if err := r.Start(); err == nil {
		t.Error("it was started twice")
	}
}

// A plain Redis keeps nothing, and leaves no file but its log.
func TestRedisKeepsNothing(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	c := client(t, r.Addr())
	must(t, c.Set(t.Context(), "k", 1, 0).Err())
	must(t, r.Stop())
	files, err := os.ReadDir(r.Dir())
	if err != nil || len(files) != 1 {
		t.Errorf("%d files, %v; want the log alone", len(files), err)
	}
	must(t, r.Start())
	eventually(t, "an answer", func() bool { return c.Ping(t.Context()).Err() == nil })
	if n := c.DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("%d keys", n)
	}
}

// A paused Redis answers nothing, not even late ones as lost: the same request goes on when it is resumed.
func TestRedisPause(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	c := client(t, r.Addr())
	must(t, c.Ping(t.Context()).Err())
	must(t, r.Pause())
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("a paused server answers")
	}
	must(t, r.Resume())
	eventually(t, "an answer", func() bool { return c.Ping(t.Context()).Err() == nil })
	must(t, r.Pause())
	must(t, r.Kill()) // also a paused one can be ended
	if err := r.Pause(); err == nil {
		t.Error("a server that is down was paused")
	}
}

// Servers that are started at once do not get in each other's way.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	var all [8]*storetest.Redis
	var wg sync.WaitGroup
	storetest.RedisFor(t, storetest.RedisOptions{}) // skips where there is none
	for i := range all {
		dir := t.TempDir()
		wg.Go(func() {
			var err error
			if all[i], err = storetest.StartRedis(dir, storetest.RedisOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, r := range all {
		if r != nil {
			seen[r.Addr()] = true
			must(t, r.Kill())
		}
	}
	if len(seen) != len(all) {
		t.Errorf("%d servers on %d ports", len(all), len(seen))
	}
}

// A swallowed reply is to a request that was carried out, and counted.
func TestProxySwallows(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	p := storetest.ProxyFor(t, r.Addr())
	c, straight, ctx := client(t, p.Addr()), client(t, r.Addr()), t.Context()
	must(t, c.Set(ctx, "n", 0, 0).Err())
	for i := range 20 {
		p.SwallowReplies(1)
		if err := c.Incr(ctx, "n").Err(); err == nil {
			t.Fatal("the reply came through")
		}
		if n, err := straight.Get(ctx, "n").Int(); err != nil || n != i+1 || p.Swallowed() != i+1 {
			t.Fatalf("%d carried out, %v, %d swallowed; want %d", n, err, p.Swallowed(), i+1)
		}
		must(t, c.Ping(ctx).Err()) // the next one passes
	}
	// Only what is asked for; a request that is larger than any piece still arrives whole.
	p.SwallowRepliesTo(1, "SET")
	must(t, c.Incr(ctx, "n").Err())
	large := strings.Repeat("x", 1<<20)
	if err := c.Set(ctx, "large", large, 0).Err(); err == nil {
		t.Error("the reply came through")
	}
	eventually(t, "the large value", func() bool { return straight.StrLen(ctx, "large").Val() == int64(len(large)) })
	p.SwallowReplies(3)
	p.SwallowReplies(0)
	must(t, c.Ping(ctx).Err())
}

func TestProxyCutsRefusesDelays(t *testing.T) {
	t.Parallel()
	r := storetest.RedisFor(t, storetest.RedisOptions{})
	p := storetest.ProxyFor(t, r.Addr())
	c, ctx := client(t, p.Addr()), t.Context()
	must(t, c.Ping(ctx).Err())
	p.Refuse(true)
	must(t, c.Ping(ctx).Err()) // what stands goes on
	p.Cut()
	for range 2 {
		if err := c.Ping(ctx).Err(); err == nil {
			t.Error("refused, and answered")
		}
	}
	p.Refuse(false)
	must(t, c.Ping(ctx).Err())
	p.Delay(200 * time.Millisecond)
	began := time.Now()
	must(t, c.Ping(ctx).Err())
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("answered after %v", took)
	}
	p.Delay(time.Hour)
	if err := c.Ping(ctx).Err(); err == nil {
		t.Error("an answer an hour early")
	}
	p.Delay(0)
	must(t, c.Ping(ctx).Err())
	must(t, p.Close()) // although something is held up
	if _, err := net.Dial("tcp", p.Addr()); err == nil {
		t.Error("a closed proxy listens")
	}
}

// The proxy hands over the end of a connection from either side.
func TestProxyEnds(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		all, _ := io.ReadAll(c)
		_, _ = c.Write(all)
		_ = c.Close()
	}()
	p := storetest.ProxyFor(t, l.Addr().String())
	c, err := net.Dial("tcp", p.Addr())
	must(t, err)
	_, err = c.Write([]byte("hello"))
	must(t, err)
	must(t, c.(*net.TCPConn).CloseWrite())
	if got, err := io.ReadAll(c); string(got) != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// Slots move while clients write, and no write is lost.
func TestClusterReshard(t *testing.T) {
	t.Parallel()
	cl := storetest.ClusterFor(t)
	var addrs []string
	for _, n := range cl.Nodes() {
		addrs = append(addrs, n.Addr())
	}
	if want := "redis://" + strings.Join(addrs, ","); cl.URL() != want {
		t.Errorf("URL %q, want %q", cl.URL(), want)
	}
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs, MaxRedirects: 16})
	defer c.Close()
	ctx := t.Context()
	for _, key := range []string{"", "foo", "a{b}c", "a{}c", "{x", "web:u"} {
		if want := c.ClusterKeySlot(ctx, key).Val(); int64(storetest.Slot(key)) != want {
			t.Errorf("slot of %q: %d, want %d", key, storetest.Slot(key), want)
		}
	}
	const keys = 40
	names, slots := make([]string, keys), make([]int, 0, 8)
	for i := range names {
		names[i] = fmt.Sprintf("{t%d}:%d", i%8, i)
		if i < 8 {
			slots = append(slots, storetest.Slot(names[i]))
		}
	}
	var done atomic.Bool
	var counts [keys]int64
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			for !done.Load() {
				if err := c.Incr(ctx, name).Err(); err != nil {
					t.Errorf("Incr: %v", err)
					return
				}
				counts[i]++
			}
		})
	}
	for range 3 {
		if err := cl.Reshard(slots...); err != nil {
			t.Error(err)
		}
	}
	done.Store(true)
	wg.Wait()
	for i, name := range names {
		if n, err := c.Get(ctx, name).Int64(); err != nil || n != counts[i] {
			t.Errorf("%s: %d, %v, want %d", name, n, err, counts[i])
		}
	}
	home := cl.Nodes()[storetest.Slot(names[0])*3/16384] // after three moves in a cluster of three
	if n, err := home.Do(ctx, "CLUSTER", "COUNTKEYSINSLOT", slots[0]); err != nil || n != int64(5) {
		t.Errorf("the slot is not back home: %v keys, %v", n, err)
	}
}

// When the master dies the replica takes over with what it has; the old one comes back as its replica.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	s := storetest.SentinelFor(t)
	addrs := strings.TrimSuffix(strings.TrimPrefix(s.URL(), "redis://"), "/?master_name="+storetest.MasterName)
	c := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: storetest.MasterName, SentinelAddrs: strings.Split(addrs, ",")})
	defer c.Close()
	ctx := t.Context()
	must(t, c.Set(ctx, "k", "v", 0).Err())
	must(t, c.Wait(ctx, 1, 5*time.Second).Err())
	old, err := s.KillMaster()
	must(t, err)
	eventually(t, "a new master", func() bool {
		now, err := s.Master()
		return err == nil && now != old && c.Get(ctx, "k").Val() == "v" && c.Set(ctx, "k2", 1, 0).Err() == nil
	})
	must(t, old.Start())
	must(t, s.WaitForReplica())
}

// What a PostgreSQL has committed is there after it was killed with all its children.
func TestPostgresKill(t *testing.T) {
	t.Parallel()
	p := storetest.PrivatePostgresFor(t)
	url, err := p.NewDatabase("Kill \"it\"")
	must(t, err)
	ctx := t.Context()
	exec := func(text string) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		c, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		_, err = c.Exec(ctx, text)
		return err
	}
	must(t, exec("CREATE TABLE a (b int)"))
	standing, err := pgx.Connect(ctx, url)
	must(t, err)
	for i, end := range []func() error{p.Kill, p.Stop} {
		must(t, exec(fmt.Sprintf("INSERT INTO a VALUES (%d)", i)))
		pid := p.PID()
		must(t, end())
		if !gone(pid) {
			t.Fatal("it is still there")
		}
		if err := exec("TABLE a"); err == nil {
			t.Fatal("a server that is down answers")
		}
		must(t, p.Start())
	}
	if err := standing.Ping(ctx); err == nil {
		t.Error("a connection outlived its server")
	}
	var n int
	c, err := pgx.Connect(ctx, url)
	must(t, err)
	defer c.Close(ctx)
	if err := c.QueryRow(ctx, "SELECT count(*) FROM a").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d rows, %v, want 2", n, err)
	}

	// Read-only holds for sessions that stand, too, and can be taken back.
	must(t, p.ReadOnly(true))
	if _, err := c.Exec(ctx, "INSERT INTO a VALUES (7)"); err == nil {
		t.Error("a session that stood before writes")
	}
	if err := exec("INSERT INTO a VALUES (8)"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("writing on a read-only server: %v", err)
	}
	must(t, p.ReadOnly(false))
	must(t, exec("INSERT INTO a VALUES (9)"))

	// A pause halts the connections, too.
	c2, err := pgx.Connect(ctx, url)
	must(t, err)
	defer c2.Close(ctx)
	must(t, p.Pause())
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if err := c2.Ping(short); err == nil {
		t.Error("a paused server answers")
	}
	must(t, p.Resume())
	must(t, exec("INSERT INTO a VALUES (10)"))
}

// Tests that only need a database share a server and not the database.
func TestPostgresFor(t *testing.T) {
	t.Parallel()
	a, b := storetest.PostgresFor(t), storetest.PostgresFor(t)
	if a.PID() != b.PID() || a.URL() == b.URL() {
		t.Fatalf("process %d at %s, process %d at %s", a.PID(), a.URL(), b.PID(), b.URL())
	}
	for _, one := range []*storetest.Postgres{a, b} {
		c, err := pgx.Connect(t.Context(), one.URL())
		must(t, err)
		_, err = c.Exec(t.Context(), "CREATE TABLE lonely (x int)")
		must(t, err)
		must(t, c.Close(t.Context()))
	}
}
