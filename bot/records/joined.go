package records

import (
	"reflect"
	"slices"
	"time"

	"yilu/bot"
)

// difference says of the fields of two workers who became one whose values went where, by name.
type difference struct {
	taken      []string // it had none, and has that of the other now
	superseded []string // both had one, and that of the other is gone
}

// joined is what is known of a worker who turned out to be the same person as another: their own values, and those of
// the other where they have none. Of two births the one that protects more stays, see younger.
func joined(w, other bot.Worker, at time.Time) (bot.Worker, difference) {
	var d difference
	fill(&d, "number", &w.Number, other.Number)
	fill(&d, "lang", &w.Lang, other.Lang)
	fill(&d, "name", &w.Name, other.Name)
	fill(&d, "phone", &w.Phone, other.Phone)
	fill(&d, "start", &w.Start, other.Start)
	fill(&d, "shift", &w.Shift, other.Shift)
	fill(&d, "pay", &w.Pay, other.Pay)
	fill(&d, "settle", &w.Settle, other.Settle)
	fill(&d, "cert", &w.Cert, other.Cert)
	fill(&d, "home", &w.Home, other.Home)
	fill(&d, "complete", &w.Complete, other.Complete)
	fillList(&d, "trades", &w.Trades, other.Trades)
	fillList(&d, "places", &w.Places, other.Places)
	if w.Birth != (bot.Birth{}) && younger(other.Birth, w.Birth, at) {
		w.Birth, d.taken = other.Birth, append(d.taken, "birth")
	} else {
		fill(&d, "birth", &w.Birth, other.Birth)
	}
	if !other.Since.IsZero() && other.Since.Before(w.Since) {
		w.Since = other.Since
	}
	if other.Modified.After(w.Modified) {
		w.Modified = other.Modified
	}
	slices.Sort(d.taken)
	slices.Sort(d.superseded)
	return w, d
}

func fill[T comparable](d *difference, name string, to *T, value T) {
	var none T
	switch {
	case value == none || value == *to:
	case *to == none:
		*to, d.taken = value, append(d.taken, name)
	default:
		d.superseded = append(d.superseded, name)
	}
}

func fillList[T any](d *difference, name string, to *[]T, value []T) {
	switch {
	case len(value) == 0 || reflect.DeepEqual(value, *to):
	case len(*to) == 0:
		*to, d.taken = value, append(d.taken, name)
	default:
		d.superseded = append(d.superseded, name)
	}
}

// younger reports that a birth protects more than another at t. Two accounts of one person may contradict each other;
// if one of them may not work at all, or not everywhere, believing the other would introduce a child to work. So the
// younger is believed, the one who has at most fewer years, then the one who has at least fewer. Between two adults there is
// nothing to protect, and they are left as they are.
func younger(b, than bot.Birth, t time.Time) bool {
	if b == (bot.Birth{}) || b.Bracket(t) == bot.Adult {
		return false
	}
	if b.AtMost(t) != than.AtMost(t) {
		return b.AtMost(t) < than.AtMost(t)
	}
	return b.AtLeast(t) < than.AtLeast(t)
}
