package soak

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// store is where the processes keep things, and how that can fail.
type store interface {
	// settings are what the processes are told, NAME=value.
	settings() []string
	// trouble makes a fault, waits, and heals it.
	trouble(ctx context.Context, fault string, random *rand.Rand, last time.Duration) error
	// exact reports that none of the faults may lose anything.
	exact(faults []string) bool
	// describe says how it is set up.
	describe() string
	close()
}

const faultDisk = "disk" // full

func faultsOf(store string) []string {
	switch store {
	case "embedded":
		return []string{faultDisk}
	case "redis":
		return redisFaults
	}
	return append(slices.Clone(redisFaults), postgresFaults...)
}

// Safe are the faults of a store that may lose nothing, with Redis set to be so durable.
func Safe(store, durability string) []string {
	return slices.DeleteFunc(Faults(store), func(name string) bool { return loses(name, durability) })
}

func openStore(o Options, limit func(bytes int64) error) (store, error) {
	switch o.Store {
	case "embedded":
		return openEmbedded(o, limit)
	case "redis", "redis+postgres":
		return openServers(o)
	}
	return nil, fmt.Errorf("--store must be embedded, redis or redis+postgres, not %q", o.Store)
}

// embedded is the data file. For a full disk it lies on a file system of its own, whose size can be changed; where none
// can be mounted, the files of the processes may not grow instead.
type embedded struct {
	folder  string
	mounted bool
	limit   func(bytes int64) error // of the largest file that a process may write; less than 0 for none
}

// wide is the size of that file system while it is not full.
const wide = "4g"

func openEmbedded(o Options, limit func(bytes int64) error) (*embedded, error) {
	e := &embedded{folder: filepath.Join(o.Folder, "data"), limit: limit}
	if err := os.MkdirAll(e.folder, 0o700); err != nil {
		return nil, err
	}
	if !slices.Contains(o.Faults, faultDisk) {
		return e, nil
	}
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0700,size="+wide, "yilu-soak", e.folder).CombinedOutput()
	if e.mounted = err == nil; e.mounted {
		return e, nil
	}
	if _, err := exec.LookPath("prlimit"); err != nil {
		return nil, fmt.Errorf("the fault %q needs to mount a file system (%s) or prlimit; leave it out with --faults", faultDisk, bytes.TrimSpace(out))
	}
	return e, nil
}

func (e *embedded) settings() []string  { return nil }
func (e *embedded) exact([]string) bool { return true }

func (e *embedded) describe() string {
	if e.mounted {
		return "embedded file on a tmpfs, made as small as what it holds for the fault disk"
	}
	return "embedded file; for the fault disk, if there is any, files may not grow (RLIMIT_FSIZE)"
}

func (e *embedded) trouble(ctx context.Context, _ string, random *rand.Rand, last time.Duration) error {
	if !e.mounted {
		info, err := os.Stat(filepath.Join(e.folder, "yilu.db-wal"))
		if err != nil {
			return err
		}
		err = e.limit(info.Size() + random.Int64N(64<<10)) // some writes still fit
		pause(ctx, last)
		return errors.Join(err, e.limit(-1))
	}
	resize := func(size string) error {
		out, err := exec.Command("mount", "-o", "remount,size="+size, e.folder).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	for try := 0; ; try++ {
		used, err := usedBy(e.folder)
		if err != nil {
			return err
		}
		used += random.Int64N(64 << 10)
		if err = resize(strconv.FormatInt(used>>10+1, 10) + "k"); err == nil {
			break
		}
		if try == 20 { // it has grown each time
			return err
		}
	}
	pause(ctx, last)
	return resize(wide)
}

// usedBy is how many bytes the file system of the folder holds.
func usedBy(folder string) (int64, error) {
	out, err := exec.Command("stat", "-f", "-c", "%S %b %f", folder).Output()
	if err != nil {
		return 0, err
	}
	var size, blocks, free int64
	if _, err := fmt.Sscan(string(out), &size, &blocks, &free); err != nil {
		return 0, err
	}
	return size * (blocks - free), nil
}

func (e *embedded) close() {
	if e.mounted {
		_ = exec.Command("umount", "-l", e.folder).Run()
	}
}
