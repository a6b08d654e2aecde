package wechat

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"yilu/bot"
)

// The platform's limits for a menu: entries, and bytes of UTF-8. A Chinese character has 3.
const (
	maxTop     = 3
	maxSub     = 5
	maxTopName = 16
	maxSubName = 40
	maxKey     = 64 // the platform takes 128, a Choice of ours half of it
	maxURL     = 1024
)

// Menu is the menu below an account's conversations. Its zero value is no menu.
type Menu struct {
	Buttons []Button `toml:"button"`
}

// Button is an entry of a menu: one that opens others, one that sends a key, or one that opens an address.
type Button struct {
	Name string   `toml:"name"`
	Type string   `toml:"type"` // "click" with Key, "view" with URL, "" with Sub; others only on a menu that is not ours
	Key  string   `toml:"key"`  // "i:" and an intent, "i:jobs.search"
	URL  string   `toml:"url"`  // https
	Sub  []Button `toml:"sub"`
}

// ReadMenu reads a menu from TOML, [[button]] with [[button.sub]], each with a name and a key or a url; a type may be
// left out. The error joins an Error of code Invalid for each fault, with file and entry and the way out.
func ReadMenu(data []byte, file string) (Menu, error) {
	var m Menu
	meta, err := toml.Decode(string(data), &m)
	if err != nil {
		return Menu{}, &bot.Error{Code: bot.Invalid, Op: "read menu", Field: file, Say: "is no TOML of the form [[button]] with [[button.sub]] below", Err: err}
	}
	var faults []error
	for _, key := range meta.Undecoded() {
		faults = append(faults, &bot.Error{Code: bot.Invalid, Op: "read menu", Field: file, Say: fmt.Sprintf("there is no setting %q; an entry has name, type, key, url and sub", key.String())})
	}
	for i := range m.Buttons {
		m.Buttons[i].setType()
		for j := range m.Buttons[i].Sub {
			m.Buttons[i].Sub[j].setType()
		}
	}
	if err := m.check(file); err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return Menu{}, errors.Join(faults...)
	}
	return m, nil
}

// setType fills in the type that key and url tell.
func (b *Button) setType() {
	switch {
	case b.Type != "":
	case b.Key != "":
		b.Type = "click"
	case b.URL != "":
		b.Type = "view"
	}
}

// check finds what the platform would refuse, and keys that no dialogue could take.
func (m Menu) check(file string) error {
	var faults []error
	fault := func(where, say string) {
		faults = append(faults, &bot.Error{Code: bot.Invalid, Op: "read menu", Field: strings.TrimSpace(file + " " + where), Say: say})
	}
	if n := len(m.Buttons); n < 1 || n > maxTop {
		fault("", fmt.Sprintf("has %d entries at the top; WeChat takes 1 to %d", n, maxTop))
	}
	for i, b := range m.Buttons {
		where := fmt.Sprintf("button %d %q", i+1, b.Name)
		for _, say := range nameFaults(b.Name, maxTopName) {
			fault(where, say)
		}
		if len(b.Sub) == 0 {
			for _, say := range b.faults() {
				fault(where, say)
			}
			continue
		}
		if b.Type != "" || b.Key != "" || b.URL != "" {
			fault(where, "opens entries of its own, so it can have no type, key or url; take them out, or the entries")
		}
		if len(b.Sub) > maxSub {
			fault(where, fmt.Sprintf("has %d entries below it; WeChat takes %d, so take some out", len(b.Sub), maxSub))
		}
		for j, s := range b.Sub {
			where := fmt.Sprintf("button %d.%d %q", i+1, j+1, s.Name)
			for _, say := range nameFaults(s.Name, maxSubName) {
				fault(where, say)
			}
			if len(s.Sub) > 0 {
				fault(where, "has entries below it; WeChat shows two levels, so move them up")
			}
			for _, say := range s.faults() {
				fault(where, say)
			}
		}
	}
	return errors.Join(faults...)
}

func nameFaults(name string, most int) (say []string) {
	switch {
	case strings.TrimSpace(name) == "":
		say = append(say, "has no name")
	case !utf8.ValidString(name), strings.ContainsFunc(name, unicode.IsControl):
		say = append(say, "has a name with characters that cannot be shown")
	}
	if len(name) > most {
		say = append(say, fmt.Sprintf("has a name of %d bytes; WeChat takes %d, which is %d Chinese characters, so shorten it", len(name), most, most/3))
	}
	return say
}

var intentKey = regexp.MustCompile(`^i:[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$`)

// faults is what is wrong with an entry that does something.
func (b Button) faults() (say []string) {
	switch b.Type {
	case "click":
		switch {
		case b.URL != "":
			say = append(say, "has a url, which is for the type view; take it out, or the key")
		case len(b.Key) > maxKey:
			say = append(say, fmt.Sprintf("has a key of %d bytes; it can have %d", len(b.Key), maxKey))
		case !intentKey.MatchString(b.Key):
			say = append(say, fmt.Sprintf("has the key %q; it must be i: and an intent, as in i:jobs.search", b.Key))
		}
	case "view":
		u, err := url.Parse(b.URL)
		switch {
		case b.Key != "":
			say = append(say, "has a key, which is for the type click; take it out, or the url")
		case len(b.URL) > maxURL:
			say = append(say, fmt.Sprintf("has a url of %d bytes; WeChat takes %d", len(b.URL), maxURL))
		case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil:
			say = append(say, "has a url that is none; it must begin with https:// and a host")
		}
	case "":
		say = append(say, "does nothing; give it a key (i: and an intent), a url, or entries below it")
	default:
		say = append(say, fmt.Sprintf("has the type %q; it must be click or view", b.Type))
	}
	return say
}
