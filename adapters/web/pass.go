package web

import (
	"context"
	"net/http"

	"yilu/bot"
)

// passLength is the length of the pass in a one-time link.
const passLength = 26

// crossing is the page of a one-time link.
type crossing struct {
	Others []word // the other languages
	Note   string // why the last press did not work, "" if nothing was pressed
	Retry  bool   // the same press may work later
}

// getPass shows the one button of a one-time link. It asks the host nothing: previews, scanners and prefetchers come
// this way too, and a link that they had used up would be lost to the person. The identity that it makes for a new
// visitor is the one that may redeem.
func (s *site) getPass(w http.ResponseWriter, r *http.Request) {
	if _, _, ok := s.crosser(w, r); !ok {
		return
	}
	lang := s.langs.pick(r)
	if r.URL.Query().Get("lang") == lang {
		s.keepLang(w, r, lang)
	}
	s.showCrossing(w, r, http.StatusOK, "")
}

// postPass lets the browser go on as the person who was given the link. Pressed twice by one browser it is done once.
func (s *site) postPass(w http.ResponseWriter, r *http.Request) {
	who, known, ok := s.crosser(w, r)
	if !ok {
		return
	}
	if !known {
		// Redeemed now, the link would be spent for an identity that may never come back.
		s.showCrossing(w, r, http.StatusBadRequest, "web.go.cookies")
		return
	}
	gone := false
	err := s.ask(r.Context(), "redeem", func(ctx context.Context) error {
		err := s.host.Redeem(ctx, r.PathValue("pass"), who)
		if gone = bot.CodeOf(err) == bot.NotFound; gone {
			return nil // no failure: people come late
		}
		return err
	})
	switch {
	case err != nil:
		s.showCrossing(w, r, statusOf(err), "web.go.later")
	case gone:
		s.refuse(w, r, refusal{http.StatusGone, "gone", "pass", "used, unknown or too old", "web.go.gone"})
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// crosser reads who holds the link. Where that cannot be said, or the link is none of ours, it has answered already.
func (s *site) crosser(w http.ResponseWriter, r *http.Request) (who bot.Identity, known, ok bool) {
	if !validPass(r.PathValue("pass")) {
		s.refuse(w, r, refusal{http.StatusNotFound, "not_found", "pass", "must be 26 of a-z 0-9", "web.go.broken"})
		return who, false, false
	}
	who, known, err := s.person(w, r)
	if err != nil {
		s.logFailure(r.Context(), "cookie", err)
		s.showCrossing(w, r, statusOf(err), "web.go.later")
		return who, false, false
	}
	return who, known, true
}

// showCrossing renders the page. Note is the key of why the last press did not work, "" if nothing was pressed.
func (s *site) showCrossing(w http.ResponseWriter, r *http.Request, status int, note string) {
	lang := s.langs.pick(r)
	c := crossing{Others: s.others(lang), Retry: status >= http.StatusInternalServerError}
	if note != "" {
		c.Note = s.host.Text(lang, note)
	}
	s.writePage(w, status, "pass", s.frame(lang), c)
}

// hidePass keeps the address of such a page, which holds the pass, out of the Referer of everything that follows from
// it, and out of indexes. It is not no-referrer for the reason told in guard.
func hidePass(h http.Header) {
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}

// validPass reports whether a pass can be one.
func validPass(pass string) bool {
	if len(pass) != passLength {
		return false
	}
	for _, c := range []byte(pass) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
