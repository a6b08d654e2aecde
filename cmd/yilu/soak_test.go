package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"yilu/cmd/yilu/soak"
)

// TestSoak is the crash table in short (T3, T18, T19, T25): simulated workers on all channels, a process that is killed
// at write points and at random, replaced, and given a wrong clock; at the end every message and intake is accounted for.
func TestSoak(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	r := soaked(t, raced, "--turns", "700", "--kills", "6", "--faults", "kill,point,roll,clock")
	if n := r.Killed(); n < 6 {
		t.Errorf("killed %d times only", n)
	}
}

// TestSoakRolling holds that a process is replaced under load without a delivery that goes unanswered.
func TestSoakRolling(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	for _, f := range soaked(t, false, "--turns", "1500", "--for", "8s", "--kills", "0", "--faults", "roll").Faults {
		if f.Failed > 0 {
			t.Errorf("%d deliveries failed during %q", f.Failed, f.Name)
		}
	}
}

// TestSoakServers is TestSoak for several processes on Redis and PostgreSQL, with everything that may lose nothing.
func TestSoakServers(t *testing.T) {
	// Not parallel: it fills the machine, and others measure time on it.
	for _, name := range []string{"redis-server", "postgres"} {
		_, err := exec.LookPath(name)
		if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); err != nil && (name != "postgres" || len(found) == 0) {
			const left = "the crash table on Redis and PostgreSQL was left out: there is no "
			if os.Getenv("CI") == "true" {
				t.Fatal(left + name)
			}
			t.Skip(left + name)
		}
	}
	soaked(t, false, "--store", "redis+postgres", "--turns", "1500", "--kills", "6")
}

// soaked runs the soak, and fails if a promise is broken. Where it is raced, so are the processes that it starts.
func soaked(t *testing.T, raced bool, args ...string) *soak.Result {
	t.Helper()
	cmd := command(t, raced, append([]string{"soak", "--json", "--workers", "24", "--seed", "1"}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &errs, 10*time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// It bounds all that it waits for; if it should not end after all, it says where it stands.
	defer time.AfterFunc(8*time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) }).Stop()
	err := cmd.Wait()
	var r soak.Result
	if json.Unmarshal(out.Bytes(), &r) != nil || err != nil && r.OK() {
		said := errs.String()
		end, _, _ := strings.Cut(said, "SIGQUIT") // behind it are the stacks
		at := len(end)
		t.Fatalf("yilu soak %s: %v\n%s%s", strings.Join(args, " "), err, &out, said[max(0, at-1500):min(len(said), at+4000)])
	}
	for _, b := range r.Breaches {
		t.Errorf("broken (seed %d): %s: %s\n%s", r.Seed, b.Promise, b.Detail, b.Transcript)
	}
	// How far people come depends on the machine; that there was something to lose does not.
	if r.Acknowledged < 700 || r.Intakes["registrations"] == 0 || r.Compared == 0 || r.Repeats < 500 {
		t.Errorf("too little was played: %+v", r)
	}
	t.Logf("%d turns, %d kills, in %v", r.Turns, r.Killed(), r.Took)
	return &r
}
