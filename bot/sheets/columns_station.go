package sheets

import (
	"time"

	"yilu/bot"
)

// Stations is the sheet of stations and markets. The district may be left open where the operator has not settled it.
func Stations(w Words, o Options) Sheet[bot.Station] {
	s := newSheet("station", w, o, stationColumns())
	s.id = func(t *bot.Station) string { return t.ID }
	return s
}

func stationColumns() []column[bot.Station] {
	return []column[bot.Station]{
		text("id", func(s *bot.Station) *string { return &s.ID }, 64).needed(),
		text("name", func(s *bot.Station) *string { return &s.Name }, 100).needed(),
		names("aliases", func(s *bot.Station) *[]string { return &s.Aliases }),
		choice("kind", "kind", func(s *bot.Station) *bot.StationKind { return &s.Kind }).needed(),
		district("district", func(s *bot.Station) *bot.District { return &s.District }),
		text("street", func(s *bot.Station) *string { return &s.Street }, 100),
		text("address", func(s *bot.Station) *string { return &s.Address }, 200),
		text("hours", func(s *bot.Station) *string { return &s.Hours }, 200),
		text("phone", func(s *bot.Station) *string { return &s.Phone }, 100),
		text("services", func(s *bot.Station) *string { return &s.Services }, 0),
		trades("trades", func(s *bot.Station) *[]bot.TradeID { return &s.Trades }),
		person("manager", func(s *bot.Station) *bot.Personal { return &s.Manager }, 100),
		moment("verified", func(s *bot.Station) *time.Time { return &s.Verified }, false),
		flag("sample", func(s *bot.Station) *bool { return &s.Sample }),
	}
}
