//go:build !unix

package storetest

import (
	"errors"
	"os"
	"syscall"
)

// Elsewhere a server can be started and ended, and nothing more.

type credential struct{}

func attributes(*credential) *syscall.SysProcAttr { return nil }

func signal(pid int, _ syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return nil
	}
	return p.Kill()
}

func signalAll(pid int, sig syscall.Signal) error { return signal(pid, sig) }

func pauseAll(int) error { return errors.ErrUnsupported }

func group() *syscall.SysProcAttr { return nil }

func resumeAll(int) error { return nil }

func serverUser() (*credential, int, int, error) { return nil, 0, 0, nil }
