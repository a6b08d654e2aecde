package web

import (
	"net/http"

	"yilu/bot"
)

// postForm takes one message of a form, for browsers without script.
func (s *site) postForm(w http.ResponseWriter, r *http.Request) {
	if !isType(r, "application/x-www-form-urlencoded") {
		s.refuse(w, r, refusal{http.StatusUnsupportedMediaType, "unsupported", "Content-Type", "must be application/x-www-form-urlencoded", "web.bad"})
		return
	}
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, unreadable(err, "the form is broken"))
		return
	}
	page := said{ID: r.PostForm.Get("id"), Text: r.PostForm.Get("text"), Choice: r.PostForm.Get("choice")}
	why := page.clean()
	if why != nil && why != &tooLong {
		s.refuse(w, r, *why)
		return
	}
	who, known, err := s.person(w, r)
	if err == nil && !validID(page.ID) { // not a form of ours, or one of long ago
		page.ID, err = s.token(secretBytes)
	}
	if err != nil {
		s.logFailure(r.Context(), "cookie", err)
		s.refuse(w, r, unkept(err))
		return
	}
	lang := s.langs.pick(r)
	if why != nil {
		s.showPage(w, r, who, view{status: why.status, lang: lang, unsent: &page, note: why.text})
		return
	}
	if page.Text == "" && page.Choice == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	m := bot.Message{ID: formID(page.ID, page.Text, page.Choice), From: who, Text: page.Text, Choice: page.Choice, Lang: lang}
	reply, err := s.turn(r.Context(), m)
	switch {
	case err != nil && page.Text == "":
		s.showPage(w, r, who, view{status: statusOf(err), lang: lang, unsent: &page, note: "web.later.choice"})
	case err != nil:
		s.showPage(w, r, who, view{status: statusOf(err), lang: lang, unsent: &page, note: "web.later"})
	case !known: // where cookies are off, the answer would be lost by a redirect
		s.keepLang(w, r, reply.Lang)
		s.showPage(w, r, who, view{status: http.StatusOK, lang: lang, note: "web.cookies"})
	default:
		s.keepLang(w, r, reply.Lang)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}
