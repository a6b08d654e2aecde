package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// TestMain removes the command that the tests built, and runs the child of a crash test instead of the tests where the
// parent asked for it.
func TestMain(m *testing.M) {
	if folder := os.Getenv(childData); folder != "" {
		run := func() error { return child(folder, os.Getenv(childKill)) }
		if channel := os.Getenv(childChannel); channel != "" {
			run = func() error { return hookChild(folder, channel, os.Getenv(childMoment)) }
		}
		if err := run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("yilu/bot/storetest.run"), goleak.Cleanup(func(code int) { // T30
		if built.folder != "" {
			_ = os.RemoveAll(built.folder)
		}
		os.Exit(code)
	}))
}

// built is the real command, as it is released and, where the tests have it, with the race detector.
var built struct {
	mu     sync.Mutex
	folder string
	paths  map[bool]string
}

// binary builds the real command, once for all tests.
func binary(t testing.TB, raced bool) string {
	t.Helper()
	built.mu.Lock()
	defer built.mu.Unlock()
	if built.paths[raced] != "" {
		return built.paths[raced]
	}
	if built.folder == "" {
		folder, err := os.MkdirTemp("", "yilu")
		if err != nil {
			t.Fatal(err)
		}
		built.folder, built.paths = folder, map[bool]string{}
	}
	path := filepath.Join(built.folder, fmt.Sprintf("yilu-race-%v", raced))
	out, err := exec.Command("go", "build", "-o", path, fmt.Sprintf("-race=%v", raced), ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	built.paths[raced] = path
	return path
}

// root is the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// result is what came of a run of the command.
type result struct {
	code     int
	out, err string
}

// yilu runs the real command in an empty folder, without the settings of whoever runs the tests.
func yilu(t testing.TB, in io.Reader, args ...string) result {
	t.Helper()
	cmd := command(t, false, args...)
	cmd.Stdin = in
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

func command(t testing.TB, raced bool, args ...string) *exec.Cmd {
	t.Helper()
	// Not t.Context(): it ends before the clean-up that stops the command in order.
	cmd := exec.CommandContext(context.Background(), binary(t, raced), args...)
	cmd.Dir = t.TempDir()
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "YILU_") {
			cmd.Env = append(cmd.Env, setting)
		}
	}
	return cmd
}

// ok fails if the command did, and returns what it printed.
func ok(t testing.TB, in string, args ...string) string {
	t.Helper()
	r := yilu(t, strings.NewReader(in), args...)
	if r.code != 0 {
		t.Fatalf("yilu %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}
