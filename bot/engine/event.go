package engine

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"yilu/bot"
)

// place makes words of a place on the map, as the worker could have said them, so that everything that understands
// places understands it. It reports that the place is nowhere that has a name here.
func (d *decision) place() (outside bool) {
	p := d.Point
	if p == nil || strings.TrimSpace(d.Message.Text) != "" {
		return false
	}
	if near, ok := d.Words.Near(p.Lat, p.Lng); ok {
		d.Message.Text = d.Words.DistrictName(near, d.session.Lang)
		if in := d.Words.Place(p.Label); len(in) == 1 && in[0].District == near && in[0].Name != "" {
			d.Message.Text = in[0].Name
		}
	}
	if !d.hushed {
		d.said = d.Message.Text
	}
	return d.Message.Text == ""
}

// happened takes what was sent or done beside words, and reports whether that was all.
func (d *decision) happened(outside bool) (bool, error) {
	if len(d.Files) > 0 && !d.filed {
		if done, err := d.keepFiles(); done || err != nil {
			return true, err
		}
	}
	if d.Heard && d.Message.Text != "" && !d.hushed {
		if err := d.sayText("common.heard", struct{ Text string }{cut(d.Message.Text, heardBack)}); err != nil {
			return true, err
		}
	}
	if outside {
		return true, d.prompted("common.outside")
	}
	switch d.Event {
	case bot.Left:
		d.silent, d.keep = true, true
		d.own("contact", bot.NoteContact{Reachable: false})
		return true, nil
	case bot.Joined, bot.Scanned:
		d.own("contact", bot.NoteContact{Reachable: true, Scene: d.Scene})
		if top := d.session.top(); top.Dialogue != d.wishes[bot.NavHome] {
			return true, d.prompted("common.back")
		}
		return true, d.prompt()
	case bot.Resumed:
		return true, d.prompt()
	case bot.Unreadable:
		return true, d.prompted("common.unreadable")
	}
	return false, nil
}

// recentCase is the number of the dispute that was filed or looked at in the last hours.
func (d *decision) recentCase() string {
	number, stamp, _ := strings.Cut(d.session.Facts[bot.FactCase], " ")
	if at, err := time.Parse(time.RFC3339, stamp); err != nil || d.now.Sub(at) > caseFor || at.After(d.now) {
		return ""
	}
	return number
}

// caseFor is for how long what is sent without a word belongs to a dispute.
const caseFor = 24 * time.Hour

// heardBack bounds what is read back of recognised speech, in runes.
const heardBack = 60

// prompted says something, and asks the question that waits again.
func (d *decision) prompted(key string) error {
	if err := d.sayText(key, nil); err != nil {
		return err
	}
	f, t, st, err := d.current()
	if err != nil {
		return err
	}
	return d.askIfPossible(f, t, st)
}

// keepFiles has the files kept for staff, and reports whether there were no words with them. With a request under way
// they belong to it.
func (d *decision) keepFiles() (bool, error) {
	f, t, st, err := d.current()
	if err != nil {
		return true, err
	}
	if d.hushed {
		d.filed, d.dropped = true, true
		if err := d.sayText("common.handover.again", nil); err != nil {
			return true, err
		}
		if d.Message.Text != "" {
			return false, nil // the words are heard, and not kept either
		}
		if st.Sensitive {
			return true, d.handOver(f, t, st)
		}
		return true, d.askIfPossible(f, t, st)
	}
	number := ""
	if a, ok := f.Form["number"]; ok && t.carries("number") {
		if v, err := bot.FreeText.Decode(a.Reveal()); err == nil {
			number, _ = v.(string)
		}
	}
	if number == "" {
		number = d.recentCase()
	}
	where := f.Dialogue + "." + f.State
	asked := d.onlySpeaks(&number, where)
	d.file(number, where)
	if d.Heard && d.Message.Text != "" {
		return false, nil // what was heard is read back instead
	}
	key := "common.file"
	if asked {
		key = "common.file.staff"
	} else if kind := d.Files[0].Kind; kind == bot.Voice || kind == bot.Photo {
		key += "." + string(kind)
	}
	if d.Message.Text != "" {
		return false, d.sayText(key+".said", struct{ Number string }{number})
	}
	if d.said, err = d.Texts.Text(d.session.Lang, "common.said."+string(d.Files[0].Kind), nil); err != nil {
		return true, err
	}
	if err := d.sayText(key, struct{ Number string }{number}); err != nil {
		return true, err
	}
	return true, d.askIfPossible(f, t, st)
}

// onlySpeaks notices somebody who sends one recording after the other and no words: from the second on staff are asked
// to listen, because whoever cannot type must not have to type for it. The recordings of the next hours belong to that
// request.
func (d *decision) onlySpeaks(number *string, where string) bool {
	if d.Files[0].Kind != bot.Voice || d.Message.Text != "" || *number != "" {
		return false
	}
	const fact = "voice.only"
	said, stamp, _ := strings.Cut(d.session.Facts[fact], " ")
	if at, err := time.Parse(time.RFC3339, stamp); err != nil || d.now.Sub(at) > listenFor {
		said = ""
	}
	switch said {
	case "":
		d.remember(fact, "once "+d.now.UTC().Format(time.RFC3339))
		return false
	case "once":
		*number = bot.Number("YY", d.now, d.From.Key()+d.ID)
		d.do("voice", bot.AskStaff{Number: *number, About: bot.WantsPerson, Reason: "voice", Where: where})
		d.remember(fact, *number+" "+d.now.UTC().Format(time.RFC3339))
	default:
		*number = said
	}
	return true
}

// listenFor is how long recordings belong together.
const listenFor = 4 * time.Hour

// file has what came with the message kept, once.
func (d *decision) file(number, where string) {
	if d.filed {
		return
	}
	d.filed = true
	for i, file := range d.Files {
		d.own("file"+strconv.Itoa(i+1), bot.KeepFile{File: file, Number: number, Where: where})
	}
}

// own asks for an effect about the very channel that the message came from, whoever it speaks as.
func (d *decision) own(what string, eff bot.Effect) {
	d.do(what, eff)
	d.effects[len(d.effects)-1].From = d.via
}

// speaks names the channel that a reply is shown on, "" for the session's own.
func (in input) speaks() string {
	if in.via == in.From {
		return ""
	}
	return in.via.Key()
}

// hush reports whether what was said must be kept nowhere: on a channel that stores data abroad, while a sensitive
// question waits, be it under a side question. What has waited too long is no longer a question.
func (d *decision) hush() bool {
	if !d.Abroad {
		return false
	}
	return slices.ContainsFunc(d.session.Stack, func(f *frame) bool {
		t := d.tables[f.Dialogue]
		if t == nil || t.states[f.State] == nil {
			return false
		}
		return t.states[f.State].Sensitive && d.now.Sub(d.session.At) < t.expires()
	})
}

// becameYoung takes in what was said of the age on another channel, and reports whether that ends what was going on.
func (d *decision) becameYoung() (bool, error) {
	d.remember(bot.FactUnder16, "yes")
	s := d.session
	top := s.top()
	s.Drafts = nil
	if top != nil && d.aids(top.Dialogue) { // what they tell staff is heard out; nothing else goes on
		s.Stack = []*frame{top}
		return false, nil
	}
	if top == nil || top.Dialogue == d.wishes[bot.NavHome] || d.wishes[bot.TooYoung] == "" {
		return false, nil
	}
	return true, d.begin(d.wishes[bot.TooYoung], nil, nil)
}

// handOver leads a worker whose channel stores data abroad to the web chat, where the question can be asked; where there
// is none, to a person. What the question has to say before it stands is said here.
func (d *decision) handOver(f *frame, t *table, st *bot.State) error {
	d.choices, d.progress, d.want = nil, "", ""
	if key := t.Name + "." + st.Name + ".abroad"; d.Texts.Has(d.session.Lang, key) {
		var data any
		if st.Data != nil {
			var err error
			if data, err = st.Data(d.turn(f)); err != nil {
				return err
			}
		}
		if err := d.sayText(key, data); err != nil {
			return err
		}
	}
	if d.Public == "" {
		key := "common.handover.none"
		if t.Name == d.wishes[bot.NavHuman] {
			key = "common.handover.told"
		}
		if err := d.sayText(key, nil); err != nil {
			return err
		}
		return d.offerWithout(t, st)
	}
	pass := d.makeLink(d.Message)
	if !d.passed {
		d.passed = true
		d.do("pass", bot.MakePass{Hash: hashPass(pass), Instance: f.Instance, Till: d.now.Add(linkIn)})
	}
	err := d.sayText("common.handover", struct {
		Link    string
		Minutes int
	}{strings.TrimSuffix(d.Public, "/") + "/go/" + pass, int(linkIn.Minutes())})
	if err != nil {
		return err
	}
	return d.offerWithout(t, st)
}

// offerWithout offers the ways to go on without the answer: a person, unless staff have been told already.
func (d *decision) offerWithout(t *table, st *bot.State) error {
	if t.Name != d.wishes[bot.NavHuman] {
		return d.offer(bot.NavHuman, bot.NavHome)
	}
	if st.Optional {
		return d.offer(bot.NavSkip, bot.NavHome)
	}
	return d.offer(bot.NavHome)
}

// notHere answers what was written to a question that is not asked on this channel: it is not kept, not even in the
// history, unless it is clearly another wish.
func (d *decision) notHere(f *frame, t *table, st *bot.State) error {
	wish := d.wishes[d.reading.Intent]
	if d.reading.Confidence >= digress && wish != "" && wish != t.Name {
		return d.follow(wish)
	}
	if wish == t.Name && d.reading.Confidence >= digress && d.reading.Intent != f.Wish && d.reading.Intent != bot.NavHuman {
		d.session.pop()
		return d.begin(wish, &d.reading, nil) // another matter for the same people
	}
	if d.reading.Whole && d.reading.Intent == bot.NavHuman && st.Optional { // staff have been told: that is all
		return d.skip(f, t, st)
	}
	if !d.dropped {
		if err := d.sayText("common.handover.again", nil); err != nil {
			return err
		}
	}
	return d.handOver(f, t, st)
}

// sendRest is the choice of the rest of a reply that did not fit.
const sendRest = "m:"

// fit keeps what the channel cannot hold for the next answer.
func (d *decision) fit() {
	if d.Room <= 0 || d.reply.Size() <= d.Room {
		return
	}
	note, err := d.Texts.Text(d.session.Lang, "common.rest", nil)
	if err != nil {
		return // the check of the texts finds it; the channel copes
	}
	more, err := d.Texts.Text(d.session.Lang, "common.rest.more", nil)
	if err != nil {
		return
	}
	d.reply, d.session.Rest = d.reply.Fit(d.Room, note, bot.Choice{Label: more, Send: sendRest})
	if d.session.Rest != nil {
		d.session.Offered = d.reply.Choices
	}
}

// wantsRest reports whether the worker asks for what did not fit.
func (d *decision) wantsRest() bool {
	if d.Message.Choice != "" {
		return d.Message.Choice == sendRest
	}
	if d.Message.Text == "" {
		return false
	}
	n, ok := d.text().Ordinal()
	if ok && n == 1 && len(d.session.Offered) == 1 && d.session.Offered[0].Send == sendRest {
		return true
	}
	send, ok := d.named()
	return ok && send == sendRest || d.reading.Whole && d.reading.Intent == bot.NavMore
}

func (d *decision) showRest(rest *bot.Reply) error {
	d.texts, d.choices, d.progress, d.want = rest.Texts, rest.Choices, rest.Progress, rest.Want
	if len(d.texts) == 0 { // the choices are what is left to show
		return d.sayText("common.rest.choices", nil)
	}
	return nil
}
