package soak

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// The faults of Yilu's own processes; those of a store are its own.
const (
	faultKill   = "kill"  // kill -9 at a random moment
	faultPoint  = "point" // kill -9 at a write point
	faultRoll   = "roll"  // SIGTERM, with another process in place before
	faultClock  = "clock" // stepped forward and back
	betweenMost = 3 * time.Second
)

// Faults are the names of what can happen on a store.
func Faults(store string) []string {
	names := []string{faultKill, faultPoint, faultRoll, faultClock}
	return append(names, faultsOf(store)...)
}

func (s *soak) has(fault string) bool { return slices.Contains(s.Faults, fault) }

// killing kills processes, spread over the turns.
func (s *soak) killing(ctx context.Context, random *rand.Rand) {
	var ways []string
	for _, way := range []string{faultKill, faultPoint} {
		if s.has(way) {
			ways = append(ways, way)
		}
	}
	if len(ways) == 0 {
		return
	}
	at := point(random.Int64N(int64(points)))
	for n := 0; n < s.Kills && s.alive(ctx); {
		due := int64((float64(n) + random.Float64()) / float64(s.Kills) * float64(s.Turns))
		for s.turns.Load() < due && s.alive(ctx) {
			pause(ctx, time.Millisecond)
		}
		p := s.fleet.pick(random.Int64N(1 << 30))
		if p == nil || !s.alive(ctx) {
			pause(ctx, 5*time.Millisecond)
			continue
		}
		way := ways[random.IntN(len(ways))]
		if way == faultKill {
			s.killed(way)
			s.fleet.kill(p)
		} else {
			s.killed("")
			if !s.fleet.killAt(p, at, 1+random.Int64N(20)) {
				continue
			}
			s.killed(at.String())
			at = (at + 1) % points // so that none is left out
		}
		n++
	}
}

// killed notes a kill, "" for one that is about to come.
func (s *soak) killed(how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastKill = time.Now()
	if how != "" {
		s.kills[how]++
		s.fault("kill").Times++
	}
}

func (s *soak) alive(ctx context.Context) bool { return ctx.Err() == nil && !s.over.Load() }

// troubling has everything else happen, one after another, while kills go on.
func (s *soak) troubling(ctx context.Context, random *rand.Rand) {
	ways := slices.DeleteFunc(slices.Clone(s.Faults), func(way string) bool { return way == faultKill || way == faultPoint })
	random.Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	for n := 0; len(ways) > 0; n++ {
		between := betweenMost
		if s.Turns < longTurns { // each has to have its turn
			between /= 4
		}
		pause(ctx, time.Duration(random.Int64N(int64(between))))
		if !s.alive(ctx) {
			return
		}
		way := ways[random.IntN(len(ways))]
		if n < len(ways) { // first each of them once
			way = ways[n]
		}
		s.begin(way)
		began := time.Now()
		s.happen(ctx, way, random)
		s.end(way)
		s.logf("%s for %v", way, time.Since(began).Round(time.Millisecond))
		if n+1 == len(ways) {
			s.allHad.Store(true)
		}
	}
	s.allHad.Store(true) // there is none
}

func (s *soak) happen(ctx context.Context, way string, random *rand.Rand) {
	last := 100*time.Millisecond + time.Duration(random.Int64N(int64(time.Second)))
	switch way {
	case faultRoll:
		if p := s.fleet.pick(random.Int64N(1 << 30)); p != nil {
			s.fleet.roll(ctx, p)
		}
	case faultClock:
		most := 4 * time.Minute // WeChat's messages may be five minutes old
		if s.Store != "embedded" {
			most = 25 * time.Second // the reply to what is half a minute old may be dropped
		}
		s.fleet.step(time.Duration(random.Int64N(int64(2*most))) - most)
		pause(ctx, last)
		s.fleet.step(0)
	default:
		// What is broken is healed whatever the context says.
		if err := s.store.trouble(context.WithoutCancel(ctx), way, random, last); err != nil {
			s.breach(nil, "the soak can make a fault, and heal it", way+": "+err.Error())
		}
	}
}

func (s *soak) begin(way string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = append(s.current, way)
	s.fault(way).Times++
}

func (s *soak) end(way string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = slices.DeleteFunc(s.current, func(c string) bool { return c == way })
	if s.healed = time.Now(); ofRecords(way) {
		s.recordsBack = s.healed
	}
}

// ofRecords reports that the records are away under a fault, so that dialogues cannot look things up.
func ofRecords(fault string) bool { return strings.HasPrefix(fault, "postgres-") }
