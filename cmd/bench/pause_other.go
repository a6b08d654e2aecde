//go:build !linux

package main

import "time"

// pause waits as exactly as Go can.
func pause(d time.Duration) { time.Sleep(d) }
