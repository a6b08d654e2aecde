// Package simulate is a person who talks to Yilu through a real channel: it plays transcripts (package talk) through the
// channel's own handler, with deliveries as the platform makes them, signed and encrypted where it does that, and reads
// out of the answers what the person would see. It guarantees that what it returns was taken from the bytes that would
// have gone to the platform, and that nothing leaves this machine. It does not show how a phone draws what it gets.
package simulate

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"yilu/bot"
	"yilu/bot/talk"
)

// Channels are the names that New knows.
var Channels = []string{"telegram", "wechat", "web", "terminal"}

// Begin is where the clock of a conversation begins, unless something else is said.
var Begin = time.Date(2026, 11, 23, 9, 0, 0, 0, bot.Xiamen)

// Options say who talks, and by which channel.
type Options struct {
	Channel string     // one of Channels
	Mode    string     // of WeChat: "plain", "compatible" or "safe", which "" stands for
	Clock   *Clock     // moved by the directives at and wait
	Seen    func(Seen) // called with every answer; may be nil
}

// Seen is one answer, as it came.
type Seen struct {
	Said   string   // what the person sent, as they see it themselves; a button that was pressed stands in brackets
	Raw    []byte   // what the channel answered, without an encryption
	Screen []string // what the person sees, line by line
}

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that says at.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now is what the clock says.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set sets the clock.
func (c *Clock) Set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = to
}

// Person is a talk.Player.
type Person struct {
	opts    Options
	host    *host
	channel channel
	last    screen // of the last answer
}

// channel is the platform's half of a channel, and the person's phone.
type channel interface {
	// say sends a text.
	say(text string) (screen, error)
	// press presses a choice of the last screen, or sends its number.
	press(last screen, label string) (screen, error)
	// send sends something else than words; NotFound says that the channel has no such thing.
	send(what, rest string) (screen, error)
	// speak changes the language that the channel tells of the person; NotFound says that it tells none, or not now.
	speak(lang string) error
	// close ends what the channel has begun.
	close() error
}

// New mounts the channel on the host, which keeps its own clock: give it Options.Clock. Settings of the channel are made
// up, and the host is not asked for them. Close must be called.
func New(h bot.Host, o Options) (*Person, error) {
	p := &Person{opts: o, host: &host{Host: h}}
	if o.Mode != "" && o.Channel != "wechat" {
		return nil, &bot.Error{Code: bot.Invalid, Op: "simulate", Field: "mode", Say: "is for the channel wechat only"}
	}
	var err error
	switch o.Channel {
	case "web":
		p.channel, err = newWeb(p.host)
	case "telegram":
		p.channel, err = newTelegram(p.host)
	case "wechat":
		p.channel, err = newWeChat(p.host, o.Mode)
	case "terminal":
		p.channel = newTerminal(p.host)
	default:
		return nil, &bot.Error{Code: bot.Invalid, Op: "simulate", Field: "channel", Say: "must be one of " + strings.Join(Channels, ", ")}
	}
	return p, err
}

// Close ends the conversation.
func (p *Person) Close() error { return p.channel.close() }

// Say says something, or sends what stands in braces.
func (p *Person) Say(words string) ([]string, error) {
	if inner, ok := strings.CutPrefix(words, "{"); ok && strings.IndexByte(inner, '}') == len(inner)-1 {
		what, rest, _ := strings.Cut(strings.TrimSuffix(inner, "}"), " ")
		s, err := p.channel.send(what, rest)
		return p.saw(words, s, err)
	}
	s, err := p.channel.say(words)
	return p.saw(words, s, err)
}

// Press presses a choice that the last answer offered, as the channel has it: a button, or its number.
func (p *Person) Press(label string) ([]string, error) {
	if p.last.number(label) == 0 {
		return nil, bot.Errorf(bot.Invalid, "press", "there is no such choice on the screen")
	}
	s, err := p.channel.press(p.last, label)
	return p.saw("["+label+"]", s, err)
}

func (p *Person) saw(said string, s screen, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	p.last = s
	if s.said != "" {
		said = s.said
	}
	if p.opts.Seen != nil {
		p.opts.Seen(Seen{Said: said, Raw: s.raw, Screen: s.shown})
	}
	return s.lines(), nil
}

// Set does what a directive says: at, wait and lang. Of others an Error of code NotFound says that they are not known
// here.
func (p *Person) Set(words []string) error {
	if len(words) == 2 {
		switch words[0] {
		case "at":
			at, err := time.Parse(time.RFC3339, words[1])
			if err != nil {
				return bot.Errorf(bot.Invalid, "directive at", "is no time such as 2026-11-23T09:00:00+08:00")
			}
			p.opts.Clock.Set(at)
			return nil
		case "wait":
			d, err := time.ParseDuration(words[1])
			if err != nil {
				return bot.Errorf(bot.Invalid, "directive wait", "is no duration such as 72h")
			}
			p.opts.Clock.Set(p.opts.Clock.Now().Add(d))
			return nil
		case "lang":
			return p.speak(words[1])
		}
	}
	return bot.Errorf(bot.NotFound, "directive "+words[0], "simulate does not know it, or not like this")
}

// speak changes the language. Where the channel tells none, the person asks for it in the chat, and the answer to that is
// not shown.
func (p *Person) speak(lang string) error {
	if !slices.Contains(p.host.Langs(), lang) {
		return bot.Errorf(bot.Invalid, "directive lang", "must be one of %s", strings.Join(p.host.Langs(), ", "))
	}
	err := p.channel.speak(lang)
	if bot.CodeOf(err) == bot.NotFound {
		p.last, err = p.channel.say(p.host.Text(lang, "web.lang.say"))
	}
	return err
}

// screen is what a person sees of one answer.
type screen struct {
	said     string // what was sent in place of a button, "" for the button
	raw      []byte
	texts    []string
	choices  []string          // labels, the first is number 1
	sends    map[string]string // by label, what a button sends; nil where choices are said by number
	progress string
	shown    []string
}

// number is the number of a choice, 0 if it is not there.
func (s screen) number(label string) int {
	for i, c := range s.choices {
		if c == label {
			return i + 1
		}
	}
	return 0
}

// lines are what a transcript would say of it.
func (s screen) lines() []string {
	r := bot.Reply{Texts: s.texts, Progress: s.progress}
	for _, label := range s.choices {
		r.Choices = append(r.Choices, bot.Choice{Label: label})
	}
	return talk.Lines(r)
}

// buttons adds choices to what is shown, as things to press.
func (s *screen) buttons(labels ...string) {
	for _, label := range labels {
		s.shown = append(s.shown, "["+label+"]")
	}
}

// cannot says that the channel cannot do what a transcript asks for.
func cannot(what string) error {
	return bot.Errorf(bot.NotFound, "send "+what, "this channel has no such thing")
}

// unnumber takes the numbered choices off the end of lines.
func unnumber(lines []string) (texts, choices []string) {
	for n := 1; ; n++ {
		first := len(lines) - n
		if first < 0 {
			return lines, nil
		}
		if fits := numbered(lines[first:]); fits {
			for i, l := range lines[first:] {
				choices = append(choices, strings.TrimPrefix(l, fmt.Sprint(i+1, " ")))
			}
			return lines[:first], choices
		}
	}
}

func numbered(lines []string) bool {
	for i, l := range lines {
		if !strings.HasPrefix(l, fmt.Sprint(i+1, " ")) {
			return false
		}
	}
	return true
}

// full are the lines of a text that say something.
func full(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out
}

// local refuses every request that would leave this machine.
type local struct{}

// RoundTrip sends r if it stays here.
func (local) RoundTrip(r *http.Request) (*http.Response, error) {
	if ip := net.ParseIP(r.URL.Hostname()); ip == nil || !ip.IsLoopback() {
		return nil, bot.Errorf(bot.Internal, "simulate", "a request would have left this machine")
	}
	return http.DefaultTransport.RoundTrip(r)
}
