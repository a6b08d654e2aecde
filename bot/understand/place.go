package understand

import (
	"slices"

	"yilu/bot"
)

// placesFound is what a text says of places.
type placesFound struct {
	places []bot.Place
	word   string
	ask    []bot.Value
	cover  cover
}

// findPlaces collects the places of a text in the order said. A name of several districts is settled by a district in
// the same message, which it then replaces; else it is asked back. Where somebody comes from is no place to work.
// Words like 都可以 count where asked for, and only beside no other place.
func (w *Words) findPlaces(t *text, anywhere bool) placesFound {
	f := placesFound{cover: make(cover, len(t.low))}
	w.scan(t)
	var districts []bot.District // named as such
	for _, tok := range t.tokens {
		if spot, ok := w.sense(tok, clsPlace); ok && !w.homeTown(t, tok) {
			if p := w.spots[spot]; len(p) == 1 && p[0].Name == "" {
				districts = append(districts, p[0].District)
			}
		}
	}
	narrowed := map[bot.District]bool{}
	var unwanted []bot.Place
	var wide []bot.Place
	deniedTo := 0
	for _, tok := range t.tokens {
		if tok.word == none {
			continue
		}
		for _, s := range w.senses[tok.word] {
			if s.class != clsPlace && s.class != clsArea && s.class != clsCity {
				continue
			}
			if w.homeTown(t, tok) {
				break
			}
			f.cover.mark(tok.from, tok.to)
			from, no := w.softBefore(t.low, tok.from, softDeny)
			if no || tok.from == deniedTo && deniedTo > 0 { // 不去晋江水头
				deniedTo = tok.to
				f.cover.mark(from, tok.to)
				unwanted = append(unwanted, w.spots[s.val]...)
				break
			}
			spots := w.spots[s.val]
			switch {
			case s.class == clsArea:
				f.add(spots...)
			case s.class == clsCity:
				wide = spots
			case len(spots) == 1:
				f.add(spots[0])
				if spots[0].Name != "" {
					narrowed[spots[0].District] = true
				}
			default:
				f.several(t, tok, spots, districts, narrowed)
			}
			break
		}
	}
	f.places = slices.DeleteFunc(f.places, func(p bot.Place) bool { return p.Name == "" && narrowed[p.District] })
	if len(f.places) == 0 && len(f.ask) == 0 && wide != nil {
		f.add(wide...)
	}
	if anywhere && len(f.places) == 0 && len(f.ask) == 0 {
		for _, tok := range t.tokens {
			if spot, ok := w.sense(tok, clsAnywhere); ok {
				if _, no := w.softBefore(t.low, tok.from, softDeny); no {
					continue
				}
				f.cover.mark(tok.from, tok.to)
				f.add(w.spots[spot]...)
			}
		}
	}
	f.places = slices.DeleteFunc(f.places, func(p bot.Place) bool { return slices.Contains(unwanted, p) }) // 除了翔安都行
	for i, option := range f.ask {
		f.ask[i] = append(slices.Clone(f.places), option.([]bot.Place)...)
	}
	return f
}

// several settles a name of several districts, or asks back.
func (f *placesFound) several(t *text, tok token, spots []bot.Place, districts []bot.District, narrowed map[bot.District]bool) {
	var fit []bot.Place
	for _, p := range spots {
		if slices.Contains(districts, p.District) {
			fit = append(fit, p)
		}
	}
	switch {
	case len(fit) == 1:
		f.add(fit[0])
		if fit[0].Name != "" {
			narrowed[fit[0].District] = true
		}
	case f.word == "":
		f.word = string(t.orig[tok.from:tok.to])
		for _, p := range spots {
			f.ask = append(f.ask, []bot.Place{p})
		}
	}
}

func (f *placesFound) add(places ...bot.Place) {
	for _, p := range places {
		if !slices.Contains(f.places, p) {
			f.places = append(f.places, p)
		}
	}
}

// homeTown reports that the place says where somebody comes from: 我是江西上饶的, 老家四川, 四川来的.
func (w *Words) homeTown(t *text, tok token) bool {
	from := tok.from
	for i := len(t.tokens) - 1; i >= 0; i-- { // 江西上饶: two places in a row
		if p := t.tokens[i]; p.to == from && w.is(p, clsPlace) {
			from = p.from
		}
	}
	if _, ok := w.softBefore(t.low, from, softFromBefore); ok {
		return true
	}
	to := tok.to
	for _, p := range t.tokens {
		if p.from == to && w.is(p, clsPlace) {
			to = p.to
		}
	}
	if after := w.softAt(t.low, to, softFromAfter); after > to && w.wordEnds(t, after) {
		return true
	}
	if _, ok := w.softBefore(t.low, from, softFromLead); !ok {
		return false
	}
	return w.softAt(t.low, to, softFromTail) > to || to == len(t.low)
}

// wordEnds reports that what stands before i is whole: 四川人想找活, but not 四川人民路.
func (w *Words) wordEnds(t *text, i int) bool {
	if i == len(t.low) || isMark(t.low[i]) || w.softAt(t.low, i, softAny|softPlaces|softTrades) > i {
		return true
	}
	for _, tok := range t.tokens {
		if tok.from == i {
			return w.is(tok, clsTrade) || w.is(tok, clsAmbiguous) || w.is(tok, clsPlace) || tok.isPhone
		}
	}
	return false
}

func (w *Words) parsePlaces(t *text) bot.Parsed {
	f := w.findPlaces(t, true)
	switch {
	case len(f.ask) > 0:
		return bot.Parsed{Match: w.match(t, f.cover, softAny|softPlaces), Word: f.word, Options: f.ask}
	case len(f.places) > 0:
		return bot.Parsed{Value: f.places, Match: w.match(t, f.cover, softAny|softPlaces)}
	}
	return bot.Parsed{}
}
