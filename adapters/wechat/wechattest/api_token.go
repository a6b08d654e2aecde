package wechattest

import (
	"encoding/json"
	"fmt"
	"time"
)

// tokens are the account's access tokens.
type tokens struct {
	life    time.Duration
	current *token
	known   map[string]*token
	made    int
	forced  time.Time
	day     string
	today   int // forced in the day

	asked, forces int
}

type token struct {
	text  string
	ends  time.Time // when a call with it is refused
	shown time.Time // the end that is told
	code  int       // it is refused already, with this
}

// TokenLife sets how long the next tokens are good for; a short one may come with an expires_in of 0.
func (a *API) TokenLife(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens.life = d
	a.tokens.current = nil
}

// ExpireToken makes the token end now: calls with it are refused (42001), and the next to ask is given another one.
func (a *API) ExpireToken() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.tokens.current; t != nil {
		t.code = 42001
		a.tokens.current = nil
	}
}

// SpoilToken makes calls with the token be refused with code, while the normal mode goes on handing it out.
func (a *API) SpoilToken(code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.tokens.current; t != nil {
		t.code = code
	}
}

// Token returns the token that is handed out now, "" if there is none.
func (a *API) Token() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens.current == nil {
		return ""
	}
	return a.tokens.current.text
}

// Tokens returns how often a token was asked for and answered with one, how often force_refresh was among that, and how
// many tokens were made.
func (a *API) Tokens() (asked, forces, made int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tokens.asked, a.tokens.forces, a.tokens.made
}

// TokenMark stands in every token, so that a test finds one wherever it has got to.
const TokenMark = "ACCESS-TOKEN-MARK"

func (t *tokens) make(now time.Time) {
	if old := t.current; old != nil && old.code == 0 && old.ends.After(now.Add(5*time.Minute)) {
		old.ends = now.Add(5 * time.Minute)
	}
	t.made++
	t.current = &token{text: fmt.Sprintf("%d_%s_%04d", 60+t.made, TokenMark, t.made), ends: now.Add(t.life), shown: now.Add(t.life)}
	t.known[t.current.text] = t.current
}

// check returns the errcode of a call with the token, 0 if it is good.
func (t *tokens) check(text string, now time.Time) int {
	known := t.known[text]
	switch {
	case text == "":
		return 41001
	case known == nil:
		return 40001
	case known.code != 0:
		return known.code
	case known.ends.Before(now):
		return 42001
	}
	return 0
}

// stableToken gives the token. In the normal mode it makes a new one in the last five minutes of the one before, which
// stays good for five more; force_refresh makes a new one and ends the one before, 20 times a day and not within 30
// seconds of the last time.
func (a *API) stableToken(c call) any {
	var in struct {
		Grant  string `json:"grant_type"`
		AppID  string `json:"appid"`
		Secret string `json:"secret"`
		Force  bool   `json:"force_refresh"`
	}
	if json.Unmarshal(c.body, &in) != nil {
		return 47001
	}
	switch {
	case in.Grant != "client_credential":
		return 40002
	case in.AppID != a.appID:
		return 40013
	case in.Secret != a.secret:
		return 40125
	}
	t, now := &a.tokens, a.time()
	t.asked++
	last := min(5*time.Minute, t.life/2)
	if in.Force {
		t.forces++
		if day := now.Format(time.DateOnly); day != t.day {
			t.day, t.today = day, 0
		}
		switch {
		case t.today >= 20:
			return 45009
		case t.current != nil && now.Sub(t.forced) < 30*time.Second: // nothing is refreshed
		default:
			if t.current != nil && t.current.code == 0 {
				t.current.code = 40001
			}
			t.forced = now
			t.today++
			t.make(now)
		}
	} else if t.current == nil || !t.current.shown.After(now.Add(last)) {
		t.make(now)
	}
	return map[string]any{"access_token": t.current.text, "expires_in": int(t.current.shown.Sub(now) / time.Second)}
}
