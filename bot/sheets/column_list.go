package sheets

import (
	"strings"

	"yilu/bot"
)

// list is a column of several values. write and read are one item each way.
func list[T, V any](key string, at func(*T) *[]V, write func(V, voice) string, read func(string, scribe) (V, *problem)) column[T] {
	return column[T]{
		key: key, kind: asList,
		get: func(t *T, v voice) string {
			items := make([]string, 0, len(*at(t)))
			for _, item := range *at(t) {
				items = append(items, write(item, v))
			}
			return joinList(items)
		},
		set: func(t *T, cell string, s scribe) *problem {
			var all []V
			for _, item := range splitList(cell) {
				v, p := read(item, s)
				if p != nil {
					return p
				}
				all = append(all, v)
			}
			*at(t) = all
			return nil
		},
	}
}

// trades is a column of trades.
func trades[T any](key string, at func(*T) *[]bot.TradeID) column[T] {
	return list(key, at,
		func(id bot.TradeID, v voice) string { return v.trade(id) },
		func(item string, s scribe) (bot.TradeID, *problem) { return s.trade(item) })
}

// names is a column of plain texts.
func names[T any](key string, at func(*T) *[]string) column[T] {
	return list(key, at,
		func(name string, _ voice) string { return name },
		func(item string, _ scribe) (string, *problem) { return item, nil })
}

// places is a column of districts, each with or without a place in it: "tongan: …".
func places[T any](key string, at func(*T) *[]bot.Place) column[T] {
	return list(key, at, writePlace, readPlace)
}

func writePlace(p bot.Place, v voice) string {
	if p.Name == "" {
		return v.district(p.District)
	}
	return v.district(p.District) + ":" + p.Name
}

func readPlace(item string, s scribe) (bot.Place, *problem) {
	in, name, _ := strings.Cut(strings.Replace(item, "\uff1a", ":", 1), ":")
	d, ok := s.lexis.district(in)
	if !ok {
		return bot.Place{}, wrong("district", FaultData{Words: s.districts()})
	}
	return bot.Place{District: d, Name: name}, nil
}
