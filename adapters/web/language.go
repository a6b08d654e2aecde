package web

import (
	"net/http"
	"slices"

	"golang.org/x/text/language"
)

// langCookie keeps the language that somebody chose or was last answered in.
const langCookie = "yilu_lang"

// languages chooses among the host's languages.
type languages struct {
	all   []string
	match language.Matcher
}

func newLanguages(all []string) languages {
	tags := make([]language.Tag, len(all))
	for i, l := range all {
		tags[i] = language.Make(l)
	}
	return languages{all, language.NewMatcher(tags)}
}

// pick is what was asked for in the address, else what the cookie says, else what the browser prefers, else the first.
func (l languages) pick(r *http.Request) string {
	if asked := r.URL.Query().Get("lang"); slices.Contains(l.all, asked) {
		return asked
	}
	if c, err := r.Cookie(langCookie); err == nil && slices.Contains(l.all, c.Value) {
		return c.Value
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return l.all[0]
	}
	_, i, confidence := l.match.Match(tags...)
	if confidence == language.No {
		return l.all[0]
	}
	return l.all[i]
}

// keepLang sets the language cookie, if it is a language of ours.
func (s *site) keepLang(w http.ResponseWriter, r *http.Request, lang string) {
	if !slices.Contains(s.langs.all, lang) {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: langCookie, Value: lang, Path: "/", MaxAge: cookieAge,
		HttpOnly: true, Secure: s.isSecure(r), SameSite: http.SameSiteLaxMode,
	})
}
