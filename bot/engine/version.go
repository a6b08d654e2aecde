package engine

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"yilu/bot"
)

// migrate puts a frame of another version at the start of today's dialogue, with every answer that still fits.
func (d *decision) migrate(f *frame, t *table) {
	for name, a := range f.Form {
		if !t.holds(name, a) {
			delete(f.Form, name)
		}
	}
	f.Version, f.State, f.Misses, f.Trail, f.Asks, f.Last = t.Version, t.Start, 0, nil, nil, nil
}

// holds reports whether an answer still is one of the dialogue's.
func (t *table) holds(name string, a bot.Answer) bool {
	if strings.HasPrefix(name, "@") {
		return true
	}
	fd := t.field(name)
	switch {
	case fd != nil && a.IsSkipped():
		return fd.state.Optional
	case fd != nil && fd.state.Accept == "":
		v, err := bot.FreeText.Decode(a.Reveal())
		choice, _ := v.(string)
		return err == nil && slices.Contains(fd.state.Choices, choice)
	case fd != nil:
		_, err := fd.state.Accept.Decode(a.Reveal())
		return err == nil
	}
	raw, err := json.Marshal(bot.Fields{name: a})
	return t.Form != nil && err == nil && json.Unmarshal(raw, reflect.New(reflect.TypeOf(t.Form)).Interface()) == nil
}
