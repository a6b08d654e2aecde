package main

import (
	"embed"
	"math/rand/v2"
	"slices"
	"strings"

	"yilu/bot"
	"yilu/bot/talk"
)

//go:embed scripts/*.talk
var scripts embed.FS

// step is one message, and what has to stand somewhere in the answer.
type step struct {
	say, want string
}

// visit is a conversation from a wish to its end. Whoever has made one can make any other.
type visit struct {
	name   string
	steps  []step
	known  bool // only somebody who has registered can make it
	intake bool // its last message puts something into the records
}

// mix is what the people of a run do: each goes through the visits in order, and then the next person comes.
type mix struct {
	Name  string
	About string
	names []string
}

var mixes = []mix{
	{"whole", "whole lives: looking around, searching, registering, correcting", []string{"help", "search", "registration", "look", "refine", "correct", "search"}},
	{"no-intake", "looking around and searching, nothing for the records", []string{"help", "search", "look", "refine"}},
	{"registration", "registrations only, every person a new one", []string{"register"}},
	{"menu", "the menu only", []string{"menu"}},
}

// play is a mix with its visits read.
type play struct {
	mix
	visits map[string]visit
}

// readPlay reads the visits of a mix.
func readPlay(name string) (*play, error) {
	i := slices.IndexFunc(mixes, func(m mix) bool { return m.Name == name })
	if i < 0 {
		return nil, bot.Errorf(bot.Invalid, "choose mix", "there is no %q", name)
	}
	p := &play{mix: mixes[i], visits: map[string]visit{}}
	files, err := scripts.ReadDir("scripts")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		v, err := readVisit(file.Name())
		if err != nil {
			return nil, err
		}
		p.visits[v.name] = v
	}
	return p, nil
}

func readVisit(file string) (visit, error) {
	v := visit{name: strings.TrimSuffix(file, ".talk")}
	source, err := scripts.ReadFile("scripts/" + file)
	if err != nil {
		return v, err
	}
	lines, err := talk.Parse(source)
	if err != nil {
		return v, err
	}
	for _, l := range lines {
		switch l.Kind {
		case talk.Says:
			v.steps = append(v.steps, step{say: l.Text})
		case talk.Bot:
			v.steps[len(v.steps)-1].want = l.Text
		}
	}
	v.known = v.name == "correct"
	v.intake = v.known || strings.HasPrefix(v.name, "register")
	return v, nil
}

// turns and intakes are those of one life, on average.
func (p *play) turns() (turns, intakes float64) {
	for _, name := range p.names {
		both := []string{name}
		if name == "registration" {
			both = []string{"register", "register_corrected"}
		}
		for _, one := range both {
			v := p.visits[one]
			turns += float64(len(v.steps)) / float64(len(both))
			if v.intake {
				intakes += 1 / float64(len(both))
			}
		}
	}
	return turns, intakes
}

// someone is a person in the middle of a mix.
type someone struct {
	play  *play
	next  func() int64 // numbers of persons
	rng   *rand.Rand
	id    int64
	known bool

	at    int // of the visits
	visit visit
	step  int
	sent  int64 // messages of this person
}

// newSomeone makes a person who is already somewhere in the mix, so that not everybody begins with the same.
func newSomeone(p *play, next func() int64, seed uint64) *someone {
	s := &someone{play: p, next: next, rng: rand.New(rand.NewPCG(seed, 7)), id: next()}
	s.at = s.rng.IntN(len(p.names)) - 1
	s.enter()
	return s
}

// enter begins the next visit, as the next person where the last one was through.
func (s *someone) enter() {
	for {
		s.step = 0
		if s.at++; s.at >= len(s.play.names) {
			s.at, s.id, s.known, s.sent = 0, s.next(), false, 0
		}
		name := s.play.names[s.at]
		if name == "registration" {
			name = "register"
			if s.rng.IntN(2) == 0 {
				name = "register_corrected"
			}
		}
		if s.visit = s.play.visits[name]; s.known || !s.visit.known {
			return
		}
	}
}

// say is what the person says now, and whether that is an intake.
func (s *someone) say() (step, bool) {
	s.sent++
	return s.visit.steps[s.step], s.visit.intake && s.step == len(s.visit.steps)-1
}

// heard goes on to what the person says next.
func (s *someone) heard() {
	if s.step++; s.step < len(s.visit.steps) {
		return
	}
	s.known = s.known || s.visit.intake
	s.enter()
}

// lost gives the person up: an answer was not the one that it goes on from.
func (s *someone) lost() {
	s.at = len(s.play.names)
	s.enter()
}
