package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"yilu/bot"
)

// secretBytes is the length of the secret that stands for a person: 192 bits.
const secretBytes = 24

// cookieAge is how long a browser keeps the cookies after the last visit, in seconds: 400 days, the most that browsers
// allow (RFC 6265bis).
const cookieAge = 400 * 24 * 60 * 60

// person reads who is writing from the cookie, or makes somebody new. The cookie is set again on every answer, so that
// it does not run out while it is in use.
//
// The user of the identity is a hash of the secret: whoever reads stores or logs cannot take over a conversation.
func (s *site) person(w http.ResponseWriter, r *http.Request) (who bot.Identity, known bool, err error) {
	secure := s.isSecure(r)
	secret, known := "", false
	if c, err := r.Cookie(cookieName(secure)); err == nil {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
		known = err == nil && len(raw) == secretBytes
		secret = c.Value
	}
	if !known {
		if secret, err = s.token(secretBytes); err != nil {
			return who, false, err
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(secure), Value: secret, Path: "/", MaxAge: cookieAge,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
	sum := sha256.Sum256([]byte("yilu web person " + secret))
	return bot.Identity{Channel: Channel, User: hex.EncodeToString(sum[:16])}, known, nil
}

// cookieName binds the cookie to the host where it can be bound: over https. Source: RFC 6265bis, cookie prefixes.
func cookieName(secure bool) string {
	if secure {
		return "__Host-yilu"
	}
	return "yilu"
}

// token makes n random bytes, as text.
func (s *site) token(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.random, b); err != nil {
		return "", &bot.Error{Code: bot.Unavailable, Op: "make secret", Say: "the source of randomness failed", Err: err}
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// validID reports whether a message id can be one: 8 to 64 of A-Z a-z 0-9 _ and -.
func validID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// formID is the id of the message that a form sends. The page's own id tells a double tap from a second message; what
// is said is part of it, because a page brought back with the back button sends its id again with other words.
func formID(pageID, text, choice string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s%d %s%s", len(pageID), pageID, len(text), text, choice))
	return "f-" + base64.RawURLEncoding.EncodeToString(sum[:18])
}
