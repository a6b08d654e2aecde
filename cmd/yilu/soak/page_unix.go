//go:build unix

package soak

import (
	"os"
	"os/signal"
	"syscall"
)

func mapped(f *os.File, size int) ([]byte, error) {
	return syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
}

func unmap(memory []byte) { _ = syscall.Munmap(memory) }

// die ends this process as kill -9 does.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // nothing more is done until the signal has come
}

// survive lets a write beyond a limit fail, as on a full disk.
func survive() { signal.Ignore(syscall.SIGXFSZ) }
