package link

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"yilu/bot"
)

// tries is how many wrong codes a conversation has, within wait; a code has 12 digits so that more than that do not help
// either.
const (
	tries = 5
	wait  = 30 * time.Minute
	fact  = "link.misses"
)

// begin takes a code that came with the wish: "绑定 4827 1936 4512".
func begin(t *bot.Turn) (bot.Outcome, error) {
	if t.Reading.Intent == bot.LinkRemove {
		return "remove", nil
	}
	if code := digits(t.Said.Reveal()); len(code) == bot.CodeDigits {
		return join(t, code)
	}
	return bot.Next, nil
}

// enter takes the code that was asked for.
func enter(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	delete(t.Form, "code") // it is asked for again, or used
	return join(t, digits(form.Code))
}

func join(t *bot.Turn, code string) (bot.Outcome, error) {
	misses, since := missed(t)
	if misses >= tries && t.Now.Sub(since) < wait {
		return "later", nil
	}
	if len(code) != bot.CodeDigits { // mistyped, not guessed
		t.Say("link.short", nil)
		return "unknown", nil
	}
	joining, err := t.Join(code)
	if err != nil {
		return "", err
	}
	if joining == bot.UnknownCode {
		if t.Now.Sub(since) >= wait {
			misses = 0
		}
		t.Remember(fact, strconv.Itoa(misses+1)+" "+t.Now.UTC().Format(time.RFC3339))
		t.Say("link.wrong", nil)
		return "unknown", nil
	}
	if joining == bot.Linked {
		t.Remember(fact, "")
	}
	return bot.Outcome(joining), nil
}

// missed is how many wrong codes were typed, and when the last one was.
func missed(t *bot.Turn) (int, time.Time) {
	count, stamp, _ := strings.Cut(t.Fact(fact), " ")
	n, err := strconv.Atoi(count)
	if err != nil {
		return 0, time.Time{}
	}
	at, _ := time.Parse(time.RFC3339, stamp)
	return n, at
}

// digits are those of a text, wherever they stand; full-width ones count.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '\uFF10' && r <= '\uFF19':
			return r - '\uFF10' + '0'
		}
		return -1
	}, text)
}

// show makes a code, in groups that can be read out.
func show(t *bot.Turn) (any, error) {
	code := t.Code()
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return struct {
		Code    string
		Minutes int
	}{strings.Join(append(groups, code), " "), bot.CodeMinutes}, nil
}

// anyOther tells whether there is a channel to undo. The first one is the worker's own and cannot be.
func anyOther(t *bot.Turn) (bot.Outcome, error) {
	all, err := linked(t)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "none", nil
	}
	return bot.Next, nil
}

// linked are the channels that were joined to this one.
func linked(t *bot.Turn) ([]bot.Identity, error) {
	all, err := t.Read.Identities(t.Context, t.Worker())
	if err != nil && bot.CodeOf(err) != bot.NotFound {
		return nil, err
	}
	var out []bot.Identity
	for _, who := range all {
		if who != t.From {
			out = append(out, who)
		}
	}
	return out, nil
}

// others offers the channels by name, numbered where there are several of one kind.
func others(t *bot.Turn) ([]bot.Option, error) {
	all, err := linked(t)
	if err != nil {
		return nil, err
	}
	seen := map[string]int{}
	var out []bot.Option
	for _, who := range all {
		seen[who.Channel]++
		name, err := t.Text("common.channel."+who.Channel, nil)
		if err != nil {
			return nil, err
		}
		if n := seen[who.Channel]; n > 1 {
			name += " " + strconv.Itoa(n)
		}
		out = append(out, bot.Option{Value: mark(who), Label: name})
	}
	return out, nil
}

// keeper names the channel where registration and applications stay.
func keeper(t *bot.Turn) (any, error) {
	name, err := t.Text("common.channel."+t.From.Channel, nil)
	return struct{ Channel string }{name}, err
}

// mark names an identity in a choice without telling it.
func mark(who bot.Identity) string {
	sum := sha256.Sum256([]byte(who.Key()))
	return hex.EncodeToString(sum[:8])
}

// remove undoes the link of the channel that was picked; one that is gone by now needs nothing.
func remove(t *bot.Turn) (bot.Outcome, error) {
	if t.Choice == "leave" {
		return "leave", nil
	}
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	all, err := linked(t)
	if err != nil {
		return "", err
	}
	for _, who := range all {
		if mark(who) == form.Channel {
			t.Do(bot.UnlinkIdentity{Identity: who})
		}
	}
	return bot.Answered, nil
}
