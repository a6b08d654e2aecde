package understand

import (
	"time"

	"yilu/bot"
)

// The confidences that are not a rule's.
const (
	sureEdit   = 0.9
	likelyEdit = 0.85
	digression = 0.8 // from here on the engine leaves another dialogue for it
	bareSlots  = 0.6 // trades and places and no word of what for
)

// Read is Said.Read of a text that is read once.
func (w *Words) Read(s string, now time.Time) bot.Reading { return w.Hear(s).Read(now) }

// Read says what the text means, whatever was asked: danger first, then a command that is the whole message, then a
// correction, then the wish that the rules find. The slots are those of the whole message. Names are taken where they
// were introduced, or beside two other values.
func (m *Said) Read(now time.Time) bot.Reading {
	w, t := m.words, &m.text
	if t.empty() {
		return bot.Reading{Intent: bot.Unknown}
	}
	var met met
	w.meet(&met, t.low)
	if intent, ok := w.inDanger(t.low, &met); ok {
		reading := bot.Reading{Intent: intent, Confidence: 1}
		reading.Slots, reading.Ask, _ = w.stated(t, now, &met)
		w.told(t, now, &met, &reading)
		return reading
	}
	if intent, ok := w.wholeCommand(t.low); ok {
		return bot.Reading{Intent: intent, Confidence: 1, Whole: true}
	}
	reading := bot.Reading{Intent: bot.Unknown}
	var bits uint32
	reading.Slots, reading.Ask, bits = w.stated(t, now, &met)
	field, sure, correction := w.correction(t, &met, reading.Slots, reading.Ask)
	if correction {
		if field == bot.StartDay && reading.Slots.Date == "" && reading.Slots.Time != "" {
			field = bot.ClockTime // 时间 may be either
		}
		reading.Intent, reading.Confidence = bot.RegisterEdit, sure
	}
	own := !correction && w.wish(t, now, &met, bits, &reading)
	if w.likeness(t, now, &met, bits, own, &reading) {
		correction = false
	}
	switch {
	case correction:
		reading.Edit, reading.Slots.Kinds, reading.Slots.Topic = field, nil, ""
		w.corrected(t, field, &reading, now)
		w.renewed(t, &reading, now)
		return reading
	case reading.Intent == bot.RegisterEdit:
		w.renewed(t, &reading, now)
	case reading.Intent == bot.JobsSearch:
		w.searchPay(&reading, &met)
	case reading.Intent == bot.Unknown && met.has(groupPost): // 明天几点集合 wants no work for tomorrow
		reading.Slots.Date, reading.Slots.Time = "", ""
	}
	w.told(t, now, &met, &reading)
	return reading
}

// wish finds what the rules say that somebody wants, and whether it is a rule of the operator's that says so.
func (w *Words) wish(t *text, now time.Time, m *met, bits uint32, reading *bot.Reading) (own bool) {
	r := w.judge(m, bits)
	if r != nil {
		reading.Intent, reading.Confidence, reading.Slots.Reason = bot.Intent(r.says), r.confidence, r.reason
	}
	if r != nil && r.says == string(bot.Unknown) { // not for us, and so is what is in it
		*reading = bot.Reading{Intent: bot.Unknown, Slots: ofChild(reading.Slots, now)}
		return r.own
	}
	if r == nil || r.confidence < digression {
		if intent, sure := w.bare(t, reading.Slots, reading.Ask); sure > 0 {
			reading.Intent, reading.Confidence, reading.Slots.Reason = intent, sure, ""
		}
	}
	return r != nil && r.own
}

// ofChild leaves the age of a child, and nothing else: whatever it is about, nobody introduces a child to work.
func ofChild(s bot.Slots, now time.Time) bot.Slots {
	if s.Birth == (bot.Birth{}) || s.Birth.Bracket(now) != bot.Under16 {
		return bot.Slots{}
	}
	return bot.Slots{Birth: s.Birth}
}

// stated collects the values and facts of a message, and which there are, by slotNames.
func (w *Words) stated(t *text, now time.Time, m *met) (s bot.Slots, asks []bot.AskBack, bits uint32) {
	s, asks = w.slots(t, now, m)
	bits = slotBits(&s, asks)
	return s, asks, bits | w.facts(m, bits, &s)
}

// slots collects the values of a message. A number serves once: the phone first, then days, times, people and ages; a
// sum is what is left.
func (w *Words) slots(t *text, now time.Time, m *met) (s bot.Slots, asks []bot.AskBack) {
	var clock clockFound
	w.scan(t)
	used := make(cover, len(t.low))
	if t.id.ok {
		s.IDNumber = bot.NewPersonal(string(t.id.number[:]))
		used.mark(t.id.from, t.id.to)
	}
	if t.phone.ok {
		used.mark(t.phone.from, t.phone.to)
	}
	if t.phone.ok && !w.othersPhone(t) {
		s.Phone = bot.NewPersonal(string(t.phone.digits[:]))
	}
	f := w.findBirth(t, now, false)
	if !f.ok && t.phone.ok {
		f = w.lineYear(t, now)
	}
	if !f.ok && f.fault == "" {
		f = w.loneAge(t, now)
	}
	if other := w.findOther(t, now); other.ok {
		s.Other = other.birth
		used.mark(other.from, other.to)
	}
	if f.ok {
		s.Birth = f.birth
		used.mark(f.from, f.to)
	}
	if f := w.findDate(t, now, manner{}); f.ok && !used[f.from] {
		s.Date = bot.DateOf(f.day)
		used.mark(f.from, f.to)
	}
	if f := w.findClock(t, false); f.ok && !used[f.at] {
		clock = f
		s.Time = f.clock
		used.mark(f.from, f.to)
	}
	if f := w.findParty(t, false); f.ok {
		s.Party = f.n
		used.mark(f.from, f.to)
	}
	if f := w.findPay(t, true, used); f.ok {
		s.Pay = f.pay
		if f.pay.Unit == "" {
			asks = append(asks, bot.AskBack{Parser: bot.PayWanted, Word: string(t.orig[f.from:f.to]), Options: payOptions(f.pay)})
		}
	}
	if i, _, ok := w.one(t, clsSettle); ok {
		s.Settle = settles[i]
	}
	if shift, _, ok := w.findShift(t); ok {
		s.Shift = shift
		if hour := int(s.Time.Hour()); clock.ok && !clock.said && (shift == bot.EveningShift && hour >= 4 && hour < 12 || shift == bot.NightShift && hour >= 7 && hour < 12) {
			s.Time = s.Time.Later() // 夜班十点半
		}
	}
	_, _, s.Meals = w.one(t, clsMeals)
	_, _, s.Lodging = w.one(t, clsLodging)
	places := w.findPlaces(t, false)
	s.Places = places.places
	if len(places.ask) > 0 {
		asks = append(asks, bot.AskBack{Parser: bot.Areas, Word: places.word, Options: places.ask})
	}
	trades := w.wanted(t, w.findTrades(t, s.Date != "" || m.has(groupJob) || len(s.Places) > 0 || s.Pay.Min > 0 || s.Settle != ""))
	s.Trades = trades.ids
	if trades.loose && len(trades.ids) == 1 && s.Phone.IsZero() && values(s, asks) > 1 { // 随便 日结的 names no trade to look for
		s.Trades = nil
	}
	if len(trades.ask) > 0 {
		asks = append(asks, bot.AskBack{Parser: bot.TradeList, Word: trades.word, Options: trades.ask})
	}
	if from, to, _, ok := w.introduced(t); ok {
		s.Name = bot.NewPersonal(string(t.orig[from:to]))
	} else if person := t.phone.ok || t.id.ok || s.Birth != (bot.Birth{}); values(s, asks) >= 2 || person || len(t.low) <= longestName {
		from, to, ok := w.bareName(t)
		if ok && values(s, asks) < 2 && (!w.plainName(t.low[from:to]) || !person && from+len(t.low)-to > 0) {
			ok = false
		}
		if !ok && person && len(t.low) > 3 && w.plainName(t.low[:3]) && w.softAt(t.low, 3, softNameCut) > 3 { // 李秀兰来登记
			from, to, ok = 0, 3, true
		}
		if ok = ok && isHan(t.low[from]); !ok && t.phone.ok {
			from, to, ok = w.leadingLatin(t)
		}
		if ok {
			s.Name = bot.NewPersonal(string(t.orig[from:to]))
		}
	}
	return s, asks
}

// values counts the kinds of answers that a message gives.
func values(s bot.Slots, asks []bot.AskBack) int {
	n := len(asks)
	for _, p := range bot.Parsers {
		if s.Has(p) {
			n++
		}
	}
	return n
}

// bare is what values without any word of a wish are taken for.
func (w *Words) bare(t *text, s bot.Slots, asks []bot.AskBack) (bot.Intent, float64) {
	trade := len(s.Trades) > 0
	for _, a := range asks {
		trade = trade || a.Parser == bot.TradeList
	}
	if !s.Name.IsZero() && !s.Phone.IsZero() && s.Birth != (bot.Birth{}) {
		return bot.RegisterStart, bareSlots
	}
	if !trade {
		return bot.Unknown, 0
	}
	if !s.Name.IsZero() || !s.Phone.IsZero() {
		return bot.RegisterStart, bareSlots
	}
	c := make(cover, len(t.low))
	for _, tok := range t.tokens {
		for _, k := range []class{clsTrade, clsWeakTrade, clsAmbiguous, clsPlace, clsArea, clsCity} {
			if w.is(tok, k) {
				c.mark(tok.from, tok.to)
			}
		}
	}
	if w.match(t, c, softAny) == bot.Whole {
		return bot.JobsSearch, bareSlots
	}
	return bot.Unknown, 0
}

// searchPay takes a sum without a unit beside 日结 or 一天 for one by the day: posts by the day are what is looked for.
func (w *Words) searchPay(r *bot.Reading, m *met) {
	if r.Slots.Pay.Min == 0 || r.Slots.Pay.Unit != "" || !m.has(groupDayHint) && r.Slots.Settle != bot.Daily {
		return
	}
	r.Slots.Pay.Unit = bot.PerDay
	kept := r.Ask[:0]
	for _, a := range r.Ask {
		if a.Parser != bot.PayWanted {
			kept = append(kept, a)
		}
	}
	r.Ask = kept
}
