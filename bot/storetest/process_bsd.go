//go:build unix && !linux

package storetest

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"syscall"
)

// attributes puts a server into a group of its own, where no key of a terminal reaches it.
func attributes(as *credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as}
}

// children are the processes that a process has started.
func children(pid int) []int {
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil
	}
	var all []int
	for in := bufio.NewScanner(bytes.NewReader(out)); in.Scan(); {
		var child, parent int
		if _, err := fmt.Sscan(in.Text(), &child, &parent); err == nil && parent == pid {
			all = append(all, child)
		}
	}
	return all
}
