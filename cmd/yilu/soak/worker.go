package soak

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"yilu/bot"
)

// life is one person from the first message to the last.
type life struct {
	person  int64
	channel channel
	random  *rand.Rand
	most    int // messages
	sent    []*message

	now        shown    // the last answer
	state      string   // where that is
	again      *saying  // what the platform gave up, and is said again
	allowed    []string // where the next answer may be
	applied    bool
	registered bool
	loose      bool // something was given up: the dialogue may be wherever that could have led to
	owed       bool
	unread     bool  // a message that was given up was a turn, and its answer is kept no more
	drafts     bool  // it was blind, so a registration may have been left half done, and goes on from there
	blind      bool  // the records were away since the last menu: the dialogue asks what it would know otherwise, or is left
	closed     int   // how many messages are accounted for
	version    int64 // of the session at that time
	lostFor    int   // answers in a row that the worker did not know
}

// saying is what is said, and where the answer to it may be.
type saying struct {
	words, choice string
	next          []string
}

// from is the identity of the person.
func (l *life) from() bot.Identity {
	return bot.Identity{Channel: l.channel.name(), User: l.channel.user(l.person)}
}

// kept is how many messages of WeChat there are in a life: as many as the ledger keeps, so that what came of a message
// that the platform gave up can be told.
const kept = 28

// newLife is somebody new. All that they do comes out of the seed and their number.
func (s *soak) newLife() *life {
	n := s.lives.Add(1)
	l := &life{person: n, random: rand.New(rand.NewPCG(s.Seed, uint64(n))), channel: channels[n%int64(len(channels))]}
	l.most = kept
	if l.channel.name() != "wechat" {
		l.most = 16 + l.random.IntN(48)
	}
	s.mu.Lock()
	s.people = append(s.people, l)
	s.mu.Unlock()
	return l
}

// live lets a person say everything that they have to say.
func (s *soak) live(ctx context.Context) {
	l := s.newLife()
	for len(l.sent) < l.most && l.lostFor < 4 && ctx.Err() == nil && !s.over.Load() {
		s.step(ctx, l)
	}
}

// step is one message of a life, until it is answered or the platform gave it up.
func (s *soak) step(ctx context.Context, l *life) {
	m := &message{n: s.messages.Add(1), at: time.Now()}
	said := s.compose(l)
	m.words, m.choice = said.words, said.choice
	l.again = nil
	l.allowed = said.next
	l.blind = l.blind || s.recordsAway()
	drafted := l.drafts && (said.words == s.script.goals["register"].words || slices.Contains(registering, l.state))
	l.sent = append(l.sent, m)
	body, acked := s.deliver(ctx, l, m)
	if !acked {
		l.loose, l.again = true, said // it may have been taken or not
		return
	}
	s.turns.Add(1)
	seen, err := l.channel.read(l.person, body)
	if err != nil {
		s.breach(l, "every answer is one that the platform can read", err.Error())
		return
	}
	m.visible, m.state = seen.text, s.script.state(seen.text)
	l.now, l.state = seen, m.state
	if m.state == "down" && s.excused() { // a store that is slow leaves no time for the records
		s.sawAway()
	}
	l.blind = l.blind || s.recordsAway()
	// Where the records were too slow for one look only, the notice is shown again.
	l.blind = l.blind || (m.state == "consent" || m.state == "agree") && !slices.Contains(l.allowed, m.state) && s.excused()
	l.drafts = l.drafts || l.blind
	strict := !l.loose && !l.blind && !drafted
	if strict {
		s.checked.Add(1)
	}
	switch {
	case strict && !slices.Contains(l.allowed, m.state):
		if !s.exact {
			s.wentBack.Add(1)
			break
		}
		s.breach(l, "no reply without its state", fmt.Sprintf("said %q, and the answer is at %q, want one of %q", m.words, m.state, l.allowed))
		l.lostFor = 4
	case m.state == "" || m.state == "lost":
		l.lostFor++
	default:
		l.lostFor = 0
	}
	if m.state == "menu" && !s.recordsAway() {
		l.blind = false
	}
	l.applied = l.applied || m.state == "applied"
	l.registered = l.registered || m.state == "registered" || m.state == "changed"
	l.owed = l.owed || m.state == "more"
	s.twice(ctx, l, m)
}

// registering are the states of a registration.
var registering = []string{"consent", "agree", "name", "phone", "year", "trade", "place", "summary"}

// compose chooses what is said, and says where its answer may be.
func (s *soak) compose(l *life) *saying {
	if l.again != nil {
		return l.again
	}
	sc := s.script
	lines := sc.lines[l.state]
	var said line
	switch {
	case len(l.sent) == 0:
		said = sc.goals["register"]
	case l.blind && len(lines) == 0 && !s.recordsAway(): // what was left on the way is put away
		said = sc.goals["menu"]
	case l.lostFor > 0 && l.lostFor < 3:
		said = sc.goals["menu"]
	case len(lines) > 0:
		said = choose(l.random, lines)
	case !l.registered: // what came of it was given up, and it goes on from anywhere
		said = sc.goals["register"]
		said.next = registering
	default:
		var goals []line
		for _, name := range sc.names {
			switch {
			case name == "mine" && !l.applied:
			case name == "owed" && (l.owed || l.channel.name() == "telegram"), name == "dispute" && l.channel.name() == "telegram":
			default:
				goals = append(goals, sc.goals[name])
			}
		}
		said = choose(l.random, goals)
	}
	out := &saying{words: sc.fill(l.random, said.words, l.now.text), next: said.next}
	if send := l.now.sends[out.words]; send != "" && l.random.IntN(2) == 0 {
		out.choice = send
	}
	return out
}

// twice delivers an answered message again, now and then, once or several times at once.
func (s *soak) twice(ctx context.Context, l *life, m *message) {
	if l.random.IntN(16) != 0 {
		return
	}
	for range 1 + l.random.IntN(2) {
		s.again(ctx, l, m)
	}
}

// again delivers an acknowledged message once more, and compares the answer. It reports whether there was one.
func (s *soak) again(ctx context.Context, l *life, m *message) bool {
	for try := 0; ctx.Err() == nil && try < 200; try++ {
		status, body := s.once(ctx, l, m)
		if status != http.StatusOK {
			pause(ctx, s.Pause)
			continue
		}
		s.repeats.Add(1)
		if sha256.Sum256(body) != m.sum {
			if !s.exact {
				s.forgotten.Add(1)
				return true
			}
			seen, _ := l.channel.read(l.person, body)
			s.breach(l, "an acknowledged message that is delivered again gets the same bytes", fmt.Sprintf("%q was answered with\n%s\nand then with\n%s", m.words, m.visible, seen.text))
		}
		return true
	}
	return false
}

// once delivers a message one time; status 0 says that there was no answer.
func (s *soak) once(ctx context.Context, l *life, m *message) (status int, body []byte) {
	ctx, cancel := context.WithTimeout(ctx, hangUp[l.channel.name()])
	defer cancel()
	nth := m.tries
	status, body, err := s.fleet.do(ctx, func(base string) (*http.Request, error) {
		return l.channel.request(base, l.person, m, nth)
	})
	if err != nil {
		return 0, nil
	}
	return status, body
}

// hangUp is how long a platform waits for an answer.
var hangUp = map[string]time.Duration{"wechat": 5 * time.Second, "telegram": time.Minute, "web": 10 * time.Second}

// patience is how long a message may stay without an answer, whatever happens: every fault is healed long before.
const patience = 3 * time.Minute

// deliver delivers a message as its platform does. False says that the platform gave it up.
func (s *soak) deliver(ctx context.Context, l *life, m *message) (body []byte, acked bool) {
	began := time.Now()
	for ctx.Err() == nil {
		m.tries++
		status, body := s.once(ctx, l, m)
		if status == http.StatusOK {
			m.acked, m.sum = true, sha256.Sum256(body)
			s.answered(time.Since(began), m)
			return body, true
		}
		fault := s.going()
		m.fault = fault
		s.failed(fault, m)
		if l.channel.name() == "wechat" {
			// Nobody has verified that WeChat comes again after an answer that is not 200, so half of the time it does not.
			if m.tries == 3 || status != 0 && l.random.IntN(2) == 0 {
				m.gaveUp = true
				s.gaveUp.Add(1)
				pause(ctx, s.Pause*time.Duration(1+l.random.IntN(4))) // the person reads that the account does not answer, and says it again
				return nil, false
			}
		}
		if time.Since(began) > patience {
			s.breach(l, "every message is answered once all is well again", fmt.Sprintf("%q is not after %v; the last answer was of status %d", m.words, patience, status))
			l.lostFor = 4
			break
		}
		pause(ctx, min(s.Pause*time.Duration(m.tries), 10*s.Pause))
	}
	m.gaveUp = true
	return nil, false
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// transcript is what was said, the last lines of it.
func (l *life) transcript() string { return l.lines(max(0, len(l.sent)-12), len(l.sent)) }

// around is what was said where a number was shown first, and until another of its kind was.
func (l *life) around(number string) string {
	from := slices.IndexFunc(l.sent, func(m *message) bool { return strings.Contains(m.visible, number) })
	if from < 0 {
		return ""
	}
	to := slices.IndexFunc(l.sent[from+1:], func(m *message) bool {
		return slices.ContainsFunc(numbers.FindAllString(m.visible, -1), func(n string) bool { return n != number && n[:2] == number[:2] })
	})
	if to < 0 {
		to = len(l.sent) - from - 2
	}
	return l.lines(from, from+to+2)
}

func (l *life) lines(from, to int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, person %d, messages %d to %d of %d:\n", l.channel.name(), l.person, from+1, to, len(l.sent))
	for _, m := range l.sent[from:to] {
		pressed := ""
		if m.choice != "" {
			pressed = " (pressed " + m.choice + ")"
		}
		fmt.Fprintf(&out, "> %s%s   #%d, %d deliveries", m.words, pressed, m.n, m.tries)
		if m.fault != "" {
			fmt.Fprintf(&out, " during %q", m.fault)
		}
		switch {
		case m.gaveUp:
			out.WriteString(", given up\n")
		case !m.acked:
			out.WriteString(", under way\n")
		default:
			fmt.Fprintf(&out, ", at %q\n< %s\n", m.state, strings.ReplaceAll(m.visible, "\n", "\n< "))
		}
	}
	return out.String()
}
