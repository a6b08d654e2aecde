//go:build unix

package storetest

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

type credential = syscall.Credential

// signal sends a signal; a process that has ended meanwhile is no error.
func signal(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// signalAll sends a signal to a server and its children. The server is halted first, so that it makes no more of them.
func signalAll(pid int, sig syscall.Signal) error {
	if err := signal(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	for _, one := range append(children(pid), pid) {
		if err := signal(one, sig); err != nil {
			return err
		}
	}
	return nil
}

func pauseAll(pid int) error { return signalAll(pid, syscall.SIGSTOP) }

func resumeAll(pid int) error { return signalAll(pid, syscall.SIGCONT) }

// serverUser is who runs a server that refuses root, with its numbers for chown: nil when we are not root.
func serverUser() (as *credential, uid, gid int, err error) {
	if os.Geteuid() != 0 {
		return nil, 0, 0, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		who, lerr := user.Lookup(name)
		if lerr != nil {
			err = lerr
			continue
		}
		uid, uerr := strconv.Atoi(who.Uid)
		gid, gerr := strconv.Atoi(who.Gid)
		if err = errors.Join(uerr, gerr); err == nil {
			return &credential{Uid: uint32(uid), Gid: uint32(gid)}, uid, gid, nil
		}
	}
	return nil, 0, 0, err
}

// group is for a process that outlives us.
func group() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
