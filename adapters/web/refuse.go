package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"yilu/bot"
)

// refusal says why a request was not taken.
type refusal struct {
	status int
	code   string // for programs
	field  string // which input, "" for the request as a whole
	detail string // for whoever writes a client
	text   string // key of what the person reads
}

// The refusals of a body, whichever way it comes.
var (
	tooLarge = refusal{http.StatusRequestEntityTooLarge, "too_large", "", "the body is over 64 KiB", "web.too_large"}
	tooLong  = refusal{http.StatusRequestEntityTooLarge, "too_long", "text", "over 2000 characters", "web.too_long"}
	badID    = refusal{http.StatusBadRequest, "invalid", "id", "must be 8 to 64 of A-Z a-z 0-9 _ -", "web.bad"}
	badPick  = refusal{http.StatusBadRequest, "invalid", "choice", "must be the send of a choice, at most 64 bytes", "web.bad"}
	noWords  = refusal{http.StatusBadRequest, "invalid", "text", "text or choice must say something", "web.bad"}
)

// unreadable tells a body that is too large from one that is broken.
func unreadable(err error, what string) refusal {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return tooLarge
	}
	return refusal{http.StatusBadRequest, "invalid", "", what, "web.bad"}
}

// refuse answers as the other side can read it: JSON for the script, a page for a person.
func (s *site) refuse(w http.ResponseWriter, r *http.Request, why refusal) {
	if r.URL.Path == "/messages" {
		s.writeError(w, r, why)
		return
	}
	lang := s.langs.pick(r)
	s.writePage(w, why.status, "refused", s.frame(lang), s.host.Text(lang, why.text))
}

// writeError is what the script gets. Say is for the person, the rest for programs.
func (s *site) writeError(w http.ResponseWriter, r *http.Request, why refusal) {
	var body struct {
		Error struct {
			Code   string `json:"code"`
			Field  string `json:"field,omitempty"`
			Detail string `json:"detail"`
			Say    string `json:"say"`
		} `json:"error"`
	}
	e := &body.Error
	e.Code, e.Field, e.Detail = why.code, why.field, why.detail
	e.Say = s.host.Text(s.langs.pick(r), why.text)
	if why.status >= 500 {
		w.Header().Set("Retry-After", retryAfter)
	}
	writeJSON(w, why.status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(bot.Errorf(bot.Internal, "write answer", "%w", err))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // nobody is left to tell
}

// writePage renders first and writes then, so that a fault of the template is a 500 and no half page.
func (s *site) writePage(w http.ResponseWriter, status int, name string, f frame, data any) {
	var b bytes.Buffer
	f.Data = data
	if err := pages.ExecuteTemplate(&b, name, f); err != nil {
		panic(bot.Errorf(bot.Internal, "render page", "%w", err))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status >= 500 {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
