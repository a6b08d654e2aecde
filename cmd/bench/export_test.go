package main

import (
	"context"
	"os"
	"os/exec"
	"time"
)

// What the tests use.
var (
	Run    = run
	AsRole = asRole
)

// Rehearse has one person talk to a Telegram webhook, as to Yilu.
func Rehearse(addr string) error {
	return rehearse(&subject{Name: "stranger", talks: true, child: &child{told: told{Addr: addr}}}, channels["telegram"])
}

// OpenLoop sends messages at a rate to a Telegram webhook that need not be Yilu.
func OpenLoop(ctx context.Context, addr string, rate float64, during time.Duration) (Window, error) {
	p, err := readPlay("menu")
	if err != nil {
		return Window{}, err
	}
	people := make([]*someone, 500)
	for i := range people {
		people[i] = newSomeone(p, nextPerson, uint64(i))
	}
	r := &runner{s: &subject{Name: "stranger", child: &child{told: told{Addr: addr}, cmd: self()}}, c: channels["telegram"]}
	return r.open(ctx, people, rate, during), nil
}

// self is this process, for who asks what time it took.
func self() *exec.Cmd {
	p, _ := os.FindProcess(os.Getpid())
	return &exec.Cmd{Process: p}
}
