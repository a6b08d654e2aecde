package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/<pid>/stat on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpu is the processor's time that a process has taken, 0 where the system does not tell; that of its children too,
// if it works by them.
func cpu(pid int, children bool) time.Duration {
	all := stat(pid)
	total := all.own
	if !children {
		return total
	}
	total += all.ended
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		child, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		if one := stat(child); one.parent == pid {
			total += one.own
		}
	}
	return total
}

// times are what /proc/<pid>/stat tells of a process.
type times struct {
	parent     int
	own, ended time.Duration // of itself, and of its children that have ended
}

func stat(pid int) (t times) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return t
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:])) // from the third on
	if len(fields) < 15 {
		return t
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	return times{parent: int(number(1)), own: time.Duration(number(11)+number(12)) * tick, ended: time.Duration(number(13)+number(14)) * tick}
}

// busy is the processors' time that everything on the machine has taken.
func busy() time.Duration {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	var total int64
	for i, field := range strings.Fields(line) {
		const idle, waiting, guest = 4, 5, 9 // what is guests' stands in user already
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != idle && i != waiting && i < guest {
			total += n
		}
	}
	return time.Duration(total) * tick
}

// resident is the memory of a process, in bytes; 0 where the system does not tell.
func resident(pid int) int64 {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, is := strings.CutPrefix(line, "VmRSS:"); is {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}

// machine says what all of this runs on.
func machine() string {
	model := runtime.GOARCH
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return strconv.Itoa(runtime.NumCPU()) + " × " + model + ", " + runtime.GOOS + ", " + runtime.Version()
}
