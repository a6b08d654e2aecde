package ledger_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yilu/bot/datafile"
	"yilu/bot/ledger"

	"go.uber.org/goleak"
)

// childFile, when it is set, makes the test binary the child of TestKill on that file.
const childFile = "YILU_TEST_LEDGER_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m) // T30
}

// child commits without end, and tells each version once it was acknowledged. Every third commit asks for an effect.
func child(path string) error {
	file, err := datafile.Open(path)
	if err != nil {
		return err
	}
	ctx := context.Background()
	l, err := ledger.NewEmbedded(ctx, file)
	if err != nil {
		return err
	}
	found, err := l.Load(ctx, "web:a", "none", start)
	if err != nil {
		return err
	}
	for version := found.Version + 1; ; version++ {
		c := turn(version-1, fmt.Sprint("m", version))
		if version%3 == 0 {
			c.Effects = append(c.Effects, entry(fmt.Sprint("e", version)))
		}
		if err := l.Commit(ctx, "web:a", c); err != nil {
			return err
		}
		fmt.Printf("acknowledged %d.\n", version)
	}
}

// TestKill carries T3 for the store: what was acknowledged survives kill -9, and half a commit is never seen.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "yilu.db")
	var version int64
	for _, after := range []int{1, 40, 150} { // each time on what the last one left
		acknowledged := killedAfter(t, path, after)
		l := open(t, path)
		message := fmt.Sprint("m", acknowledged)
		s, err := l.Load(t.Context(), "web:a", message, start)
		if err != nil {
			t.Fatal(err)
		}
		if acknowledged < version+int64(after) || s.Version < acknowledged || s.Version > acknowledged+1 {
			t.Fatalf("killed after it acknowledged version %d: found %d, want that or the one under way", acknowledged, s.Version)
		}
		if !s.Seen || string(s.Reply) != "reply "+message || string(s.State) != fmt.Sprint("state m", s.Version) {
			t.Fatalf("version %d: seen %v with %q and state %q", acknowledged, s.Seen, s.Reply, s.State)
		}
		if want := int(s.Version / 3); len(s.Effects) != want {
			t.Fatalf("version %d: %d effects, want %d", s.Version, len(s.Effects), want)
		}
		turns, err := l.History(t.Context(), "web:a")
		if err != nil || len(turns) != int(min(s.Version, ledger.Kept)) || turns[len(turns)-1].Message != fmt.Sprint("m", s.Version) {
			t.Fatalf("version %d: %d turns, %v", s.Version, len(turns), err)
		}
		version = s.Version
	}
}

// killedAfter runs a child until it has acknowledged some commits, kills it while it goes on, and returns the last
// version that it acknowledged.
func killedAfter(t *testing.T, path string, lines int) int64 {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+path)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	var last int64
	read := bufio.NewScanner(out)
	for n := 0; read.Scan(); n++ {
		if _, err := fmt.Sscanf(read.Text(), "acknowledged %d.", &last); err != nil {
			break // the line in which it died
		}
		if n+1 == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last == 0 {
		t.Fatalf("the child acknowledged nothing: %s", complaint.String())
	}
	return last
}
