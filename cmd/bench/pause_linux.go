package main

import (
	"syscall"
	"time"
)

// pause waits as exactly as the system can. A timer of Go's may be a millisecond late where nothing else happens, and an
// open loop would charge the server with that. The goroutine should have its thread to itself.
func pause(d time.Duration) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) {
		wait := syscall.NsecToTimespec(int64(d))
		_ = syscall.Nanosleep(&wait, nil) // a signal ends it early, and the rest is waited for
	}
}
