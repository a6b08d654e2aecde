package soak

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed worker.txt
var workerText string

// script is what workers say, and how they know where they are.
type script struct {
	lists  map[string][]string
	order  []string // of states
	marks  map[string]string
	lines  map[string][]line // by state
	goals  map[string]line
	names  []string // of goals
	counts string   // what stands in a list of posts once for each
}

// line is something that can be said, and the states in which its answer may be.
type line struct {
	weight int
	words  string
	next   []string
}

// readScript reads worker.txt.
func readScript(text string) (*script, error) {
	s := &script{lists: map[string][]string{}, marks: map[string]string{}, lines: map[string][]line{}, goals: map[string]line{}}
	n := 0
	for raw := range strings.Lines(text) {
		n++
		words := strings.Fields(raw)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if len(words) < 2 || !s.read(words) {
			return nil, fmt.Errorf("worker.txt line %d cannot be read", n)
		}
	}
	for state, lines := range s.lines {
		for _, l := range append(slices.Clone(lines), s.goals["register"]) {
			for _, next := range append(slices.Clone(l.next), state) {
				if s.marks[next] == "" {
					return nil, fmt.Errorf("worker.txt: there is no state %s", next)
				}
			}
		}
	}
	return s, nil
}

func (s *script) read(words []string) bool {
	rest := strings.Join(words[2:], " ")
	switch words[0] {
	case "list":
		s.lists[words[1]] = words[2:]
		return true
	case "count":
		s.counts = words[1]
		return true
	case "state":
		s.order = append(s.order, words[1])
		s.marks[words[1]] = rest
		return rest != ""
	case "say", "goal":
		said, next, ok := strings.Cut(rest, " -> ")
		weight, what, _ := strings.Cut(said, " ")
		n, err := strconv.Atoi(weight)
		l := line{n, strings.TrimSpace(what), strings.Fields(next)}
		if words[0] == "say" {
			s.lines[words[1]] = append(s.lines[words[1]], l)
		} else {
			s.goals[words[1]] = l
			s.names = append(s.names, words[1])
		}
		return ok && err == nil
	}
	return false
}

// state is where an answer is, "" if nothing tells.
func (s *script) state(visible string) string {
	for _, name := range s.order {
		if strings.Contains(visible, s.marks[name]) {
			return name
		}
	}
	return ""
}

// choose picks one of the lines by weight.
func choose(random *rand.Rand, lines []line) line {
	sum := 0
	for _, l := range lines {
		sum += l.weight
	}
	at := random.IntN(sum)
	for _, l := range lines {
		if at -= l.weight; at < 0 {
			return l
		}
	}
	return lines[0]
}

var brace = regexp.MustCompile(`\{[a-z]+\}`)

// fill puts words in place of braces. visible is the answer before, whose posts {pick} chooses from.
func (s *script) fill(random *rand.Rand, words, visible string) string {
	return brace.ReplaceAllStringFunc(words, func(in string) string {
		name := in[1 : len(in)-1]
		if name == "pick" {
			return strconv.Itoa(1 + random.IntN(max(1, strings.Count(visible, s.counts))))
		}
		list := s.lists[name]
		return list[random.IntN(len(list))]
	})
}

// numbers are the numbers of intakes that stand in an answer.
var numbers = regexp.MustCompile(`\b(DJ|BM|RG|JB|TJ)\d{4}-[0-9A-Z]{8}\b`)
