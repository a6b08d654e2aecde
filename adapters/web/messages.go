package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"yilu/bot"
)

// maxChoice is the longest Send of a choice, in bytes; see bot.Choice.
const maxChoice = 64

// said is what the script or a form sends.
type said struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Choice string `json:"choice"`
}

// postMessage takes one message of the script.
func (s *site) postMessage(w http.ResponseWriter, r *http.Request) {
	if !isType(r, "application/json") {
		s.writeError(w, r, refusal{http.StatusUnsupportedMediaType, "unsupported", "Content-Type", "must be application/json", "web.bad"})
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		s.writeError(w, r, unreadable(err, "the body ended early"))
		return
	}
	in, why := decode(raw)
	if why != nil {
		s.writeError(w, r, *why)
		return
	}
	who, known, err := s.person(w, r)
	if err != nil {
		s.logFailure(r.Context(), "cookie", err)
		s.writeError(w, r, unkept(err))
		return
	}
	if !known {
		// Until the cookie of this answer comes back, a repeat of the message would be another person's. The script sends
		// it again by itself.
		s.writeError(w, r, refusal{http.StatusServiceUnavailable, "no_cookie", "Cookie", "send it again with the cookie that this answer sets", "web.cookies"})
		return
	}
	reply, err := s.turn(r.Context(), bot.Message{ID: in.ID, From: who, Text: in.Text, Choice: in.Choice, Lang: s.langs.pick(r)})
	if err != nil {
		s.writeError(w, r, unkept(err))
		return
	}
	s.keepLang(w, r, reply.Lang)
	writeJSON(w, http.StatusOK, struct {
		ID    string    `json:"id"`
		Reply bot.Reply `json:"reply"`
	}{in.ID, reply})
}

// unkept is the answer for a message that could not be kept and may be sent again.
func unkept(err error) refusal {
	return refusal{statusOf(err), "unavailable", "", "not kept; send it again with the same id", "web.fault"}
}

// decode reads the script's JSON and names the field that is wrong. Fields that it does not know are left alone, so
// that a page from before or after an update still gets its message through.
func decode(raw []byte) (said, *refusal) {
	var in said
	if err := json.Unmarshal(raw, &in); err != nil {
		why := refusal{http.StatusBadRequest, "invalid", "", "the body is no JSON object", "web.bad"}
		var misfit *json.UnmarshalTypeError
		if errors.As(err, &misfit) && misfit.Field != "" {
			why.field, why.detail = misfit.Field, "must be a string"
		}
		return said{}, &why
	}
	if !validID(in.ID) {
		return said{}, &badID
	}
	if why := in.clean(); why != nil {
		return said{}, why
	}
	if in.Text == "" && in.Choice == "" {
		return said{}, &noWords
	}
	return in, nil
}

// clean readies what was said for the host, or says what is wrong with it. The text stays when it is too long.
func (in *said) clean() *refusal {
	in.Text = bot.Clean(in.Text)
	if len(in.Choice) > maxChoice || bot.Clean(in.Choice) != in.Choice {
		return &badPick
	}
	if utf8.RuneCountInString(in.Text) > bot.MaxText {
		return &tooLong
	}
	return nil
}

// isType reports whether the body is of the media type.
func isType(r *http.Request, want string) bool {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && got == want
}
