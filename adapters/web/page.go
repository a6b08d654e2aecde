package web

import (
	"context"
	"html/template"
	"net/http"
	"slices"

	"yilu/bot"
)

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"asset": func(file string) string { return "/assets/" + assets[file].name },
	"add":   func(a, b int) int { return a + b },
}).ParseFS(static, "static/*.html"))

// frame is what every page has.
type frame struct {
	Lang string
	host bot.Host
	Data any
}

// Max is the longest text, in characters.
func (f frame) Max() int { return bot.MaxText }

// T is a text of the page's own.
func (f frame) T(key string) string { return f.host.Text(f.Lang, "web."+key) }

func (s *site) frame(lang string) frame { return frame{Lang: lang, host: s.host} }

// view is what is special about one showing of the page.
type view struct {
	status int
	lang   string
	unsent *said  // what was not taken: it is given back
	note   string // key of what to say about it
}

// chat is the page with the conversation.
type chat struct {
	ID     string // of the next message; see formID
	Turns  []turn
	Greet  *answer
	Want   hint
	Others []word // the other languages
	Quick  []word // what can be said with one press at any time
	Note   string
	Typed  string // written and not taken
	Choice string // chosen and not taken
	Label  string // its label, "" if it is not known any more
	Retry  bool

	offered []bot.Choice // by the last reply
}

// turn is an exchange as it is shown.
type turn struct {
	bot.Exchange
	Answer answer
	Day    string // set where a new day begins
	Date   string // the day for programs
}

// answer is a reply as it is shown.
type answer struct {
	bot.Reply
	Who  string // whose it is, for those who do not see the page
	Page string // the id for a choice; "" for choices of the past, which cannot be pressed
}

// word is something to press: what is on it, what it says, and the language of both if it is not the page's.
type word struct{ Name, Say, Code string }

// hint is how the field for typing helps to give what is wanted.
type hint struct{ Mode, Fill string }

func hintOf(want bot.Parser) hint {
	switch want {
	case bot.Phone:
		return hint{"tel", "tel"}
	case bot.PersonName:
		return hint{"text", "name"}
	case bot.PartySize:
		return hint{"numeric", "off"}
	}
	return hint{"text", "off"}
}

// getPage shows the conversation.
func (s *site) getPage(w http.ResponseWriter, r *http.Request) {
	who, _, err := s.person(w, r)
	if err != nil {
		s.logFailure(r.Context(), "cookie", err)
		s.refuse(w, r, unkept(err))
		return
	}
	lang := s.langs.pick(r)
	if r.URL.Query().Get("lang") == lang {
		s.keepLang(w, r, lang)
	}
	s.showPage(w, r, who, view{status: http.StatusOK, lang: lang})
}

// showPage renders the conversation as it stands. A past that cannot be read makes a 503, and the page can be written
// on all the same.
func (s *site) showPage(w http.ResponseWriter, r *http.Request, who bot.Identity, v view) {
	c := chat{Others: s.others(v.lang), Want: hintOf(""), Quick: s.quick(v.lang, v.lang)}
	id, err := s.token(12)
	if v.unsent != nil {
		id, err = v.unsent.ID, nil // it keeps its id, so that it is one message however often it is tried
	}
	c.ID = id
	if err == nil {
		err = s.fill(r.Context(), &c, who, v.lang)
	}
	if err != nil {
		s.logFailure(r.Context(), "page", err)
		c.Note = s.host.Text(v.lang, "web.down")
		v.status = max(v.status, http.StatusServiceUnavailable)
	}
	if v.note != "" {
		c.Note = s.host.Text(v.lang, v.note)
	}
	if v.unsent != nil {
		c.giveBack(*v.unsent, v.status)
	}
	s.writePage(w, v.status, "chat", s.frame(v.lang), c)
}

// fill reads the conversation.
func (s *site) fill(ctx context.Context, c *chat, who bot.Identity, lang string) error {
	past, err := s.host.History(ctx, who)
	if err != nil {
		return err
	}
	past = slices.DeleteFunc(slices.Clone(past), isBlank)
	past = past[max(0, len(past)-shown):]
	if len(past) == 0 {
		greeting, err := s.host.Greet(ctx, lang)
		if err != nil {
			return err
		}
		c.Greet, c.offered = &answer{greeting, s.host.Text(lang, "web.bot"), c.ID}, greeting.Choices
		return nil
	}
	c.Turns = s.turns(past, lang)
	last := &c.Turns[len(past)-1].Answer
	last.Page, c.offered, c.Want = c.ID, last.Choices, hintOf(last.Want)
	c.Quick = s.quick(lang, last.Lang)
	return nil
}

// isBlank reports that there is nothing to see of an exchange: somebody left another channel, say, and could not be
// answered any more. The question before it is still open.
func isBlank(e bot.Exchange) bool {
	return e.Said == "" && len(e.Reply.Texts) == 0 && len(e.Reply.Choices) == 0
}

// turns adds where a new day begins, unless all of it is of today.
func (s *site) turns(past []bot.Exchange, lang string) []turn {
	out := make([]turn, len(past))
	day := bot.DateOf(s.host.Now())
	for i, e := range past {
		out[i] = turn{Exchange: e, Answer: answer{Reply: e.Reply, Who: s.host.Text(lang, "web.bot")}}
		if d := bot.DateOf(e.At); d != day && !e.At.IsZero() {
			day = d
			out[i].Date, out[i].Day = string(d), e.At.In(bot.Xiamen).Format(s.host.Text(lang, "web.day"))
		}
	}
	return out
}

// others lists the languages to change to.
func (s *site) others(lang string) []word {
	var out []word
	for _, l := range s.langs.all {
		if l != lang {
			out = append(out, word{Name: s.host.Text(l, "web.lang.name"), Code: l})
		}
	}
	return out
}

// quick lists the ways out of wherever the conversation is. Where the page is in another language than the
// conversation, the first of them brings the conversation after.
func (s *site) quick(lang, spoken string) []word {
	var out []word
	if lang != spoken {
		out = append(out, word{Name: s.host.Text(lang, "web.lang.continue"), Say: s.host.Text(lang, "web.lang.say")})
	}
	for _, key := range []string{"web.quick.menu", "web.quick.back", "web.quick.human"} {
		text := s.host.Text(lang, key)
		out = append(out, word{Name: text, Say: text})
	}
	return out
}

// giveBack puts what was not taken where it can be sent again.
func (c *chat) giveBack(in said, status int) {
	c.Typed, c.Choice, c.Retry = in.Text, in.Choice, status >= http.StatusInternalServerError
	for _, choice := range c.offered {
		if choice.Send == in.Choice {
			c.Label = choice.Label
		}
	}
}
