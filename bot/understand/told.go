package understand

import (
	"slices"
	"time"

	"yilu/bot"
)

const kindInjury = "injury"

// facts finds the kinds of disputes and the topic, and returns their bits.
func (w *Words) facts(m *met, bits uint32, s *bot.Slots) (more uint32) {
	for i := range w.kinds {
		k := &w.kinds[i]
		if !slices.Contains(s.Kinds, bot.DisputeKind(k.says)) && k.holds(m, bits) {
			s.Kinds = append(s.Kinds, bot.DisputeKind(k.says))
			if k.says == kindInjury {
				more |= 1 << bitInjury
			} else {
				more |= 1 << bitKind
			}
		}
	}
	for i := range w.topics {
		if w.topics[i].holds(m, bits|more) {
			s.Topic = bot.InsuranceTopic(w.topics[i].says)
			more |= 1 << bitTopic
			break
		}
	}
	return more
}

// claims are the wishes of those who tell what has happened to them.
var claims = []bot.Intent{
	bot.DisputeNew, bot.DisputeStatus, bot.DisputeWithdraw, bot.InsuranceClaim, bot.InsuranceAsk, bot.JobsReport, bot.Emergency, bot.Crisis,
}

// seeks are the wishes of those who look for work or have found some.
var seeks = []bot.Intent{
	bot.RegisterStart, bot.RegisterEdit, bot.JobsSearch, bot.JobsApply, bot.JobsWithdraw, bot.JobsMine, bot.AlertAdd, bot.AlertRemove, bot.StationsFind,
	bot.Unknown, bot.LinkAdd, bot.LinkRemove,
}

// told leaves only the slots that a message of the intent can tell. What somebody does who has a claim is not what they
// look for, and the rate at which they worked not what they ask; when it was lies behind them. Navigation tells nothing.
func (w *Words) told(t *text, now time.Time, m *met, r *bot.Reading) {
	s := &r.Slots
	switch {
	case slices.Contains(seeks, r.Intent):
		s.Kinds, s.Topic = nil, ""
		w.sought(t, r)
		return
	case !slices.Contains(claims, r.Intent):
		r.Slots, r.Ask = ofChild(r.Slots, now), nil
		return
	}
	only := func(intents ...bot.Intent) bool { return slices.Contains(intents, r.Intent) }
	s.Trades, s.Pay, s.Settle, s.Shift, s.Meals, s.Lodging = nil, bot.Pay{}, "", "", false, false
	r.Ask = slices.DeleteFunc(r.Ask, func(a bot.AskBack) bool { return a.Parser != bot.Areas })
	if !only(bot.InsuranceClaim, bot.Emergency, bot.Crisis) {
		s.Places, r.Ask = nil, nil
	}
	switch r.Intent {
	case bot.InsuranceAsk:
		s.Topic = bot.InsuranceTopic(w.linear.pick(&m.sums, labelTopic, string(s.Topic)))
	case bot.JobsReport:
		if s.Reason = w.linear.pick(&m.sums, labelReason, s.Reason); s.Reason == noReason {
			s.Reason = ""
		}
	case bot.DisputeNew, bot.Crisis:
		w.kindsLike(&m.sums, s)
	}
	if !only(bot.InsuranceAsk) {
		s.Topic = ""
	}
	if only(bot.Emergency, bot.Crisis) {
		s.Party = 0
	}
	if only(bot.InsuranceClaim, bot.InsuranceAsk, bot.JobsReport) {
		s.Kinds = nil
	}
	if only(bot.InsuranceClaim, bot.DisputeNew) {
		s.Date = ""
		if f := w.findDate(t, now, manner{back: true}); f.ok {
			s.Date = bot.DateOf(f.day)
		}
	}
	if !only(bot.InsuranceClaim) {
		s.Time = ""
	}
	if only(bot.DisputeNew, bot.InsuranceClaim, bot.Crisis) {
		s.Amount = w.findAmount(t, w.notSums(t, now))
	}
}

// sought leaves the slots of those who look for work. A name belongs to who registers or applies; who withdraws or wants
// no more news wants none of what is told.
func (w *Words) sought(t *text, r *bot.Reading) {
	s := &r.Slots
	switch r.Intent {
	case bot.JobsSearch, bot.AlertAdd, bot.AlertRemove, bot.StationsFind:
		if _, _, _, introduced := w.introduced(t); !introduced {
			s.Name = bot.Personal{}
		}
	case bot.RegisterStart, bot.JobsApply, bot.JobsWithdraw:
		if from, to, ok := w.bareName(t); s.Name.IsZero() && ok && w.plainName(t.low[from:to]) {
			s.Name = bot.NewPersonal(string(t.orig[from:to]))
		}
	}
	switch r.Intent {
	case bot.JobsWithdraw, bot.StationsFind:
		s.Trades = nil
		fallthrough
	case bot.AlertRemove:
		s.Pay, s.Settle, s.Shift, s.Time, s.Party, s.Meals, s.Lodging = bot.Pay{}, "", "", "", 0, false, false
		r.Ask = slices.DeleteFunc(r.Ask, func(a bot.AskBack) bool { return a.Parser == bot.PayWanted })
	}
	if r.Intent == bot.JobsWithdraw {
		s.Places, r.Ask = nil, nil
	}
}

// notSums marks the numbers that are something else than a sum.
func (w *Words) notSums(t *text, now time.Time) cover {
	used := make(cover, len(t.low))
	used.mark(t.id.from, t.id.to)
	if t.phone.ok {
		used.mark(t.phone.from, t.phone.to)
	}
	if f := w.findDate(t, now, manner{back: true}); f.to > 0 {
		used.mark(f.from, f.to)
	}
	if f := w.findClock(t, false); f.ok {
		used.mark(f.from, f.to)
	}
	if f := w.findParty(t, false); f.ok {
		used.mark(f.from, f.to)
	}
	if f := w.findBirth(t, now, false); f.ok {
		used.mark(f.from, f.to)
	}
	return used
}
