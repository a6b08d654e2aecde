package simulate

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// modes are the ways in which an account gets its messages.
var modes = map[string]wechattest.Mode{
	"plain": wechattest.Plain, "compatible": wechattest.Compatible, "safe": wechattest.Safe, "": wechattest.Safe,
}

// follower is somebody who follows the account, and WeChat between them.
type follower struct {
	account wechattest.Account
	host    *host
	routes  map[string]http.Handler
	run     func(context.Context) error

	sent, delivered int
}

// openid is how the account knows the follower.
const openid = "oExample_0000000000000000001"

func newWeChat(h *host, mode string) (*follower, error) {
	kind, ok := modes[mode]
	if !ok {
		return nil, &bot.Error{Code: bot.Invalid, Op: "simulate", Field: "mode", Say: "must be plain, compatible or safe"}
	}
	a := wechattest.Account{AppID: "wxexample0000000001", Token: "exampletoken", OriginalID: "gh_example0001", Mode: kind}
	if kind != wechattest.Plain {
		a.AESKey = strings.Repeat("Example", 6) + "0"
	}
	h.settings = map[string]string{
		"YILU_WECHAT_APP_ID": a.AppID, "YILU_WECHAT_TOKEN": a.Token, "YILU_WECHAT_AES_KEY": a.AESKey, "YILU_WECHAT_ORIGINAL_ID": a.OriginalID,
		"YILU_WECHAT_APP_SECRET": "examplesecret", // so that photos and recordings are taken; nothing is called
	}
	mount, err := wechat.New(wechat.Options{HTTP: &http.Client{Transport: local{}}}).Mount(h)
	return &follower{account: a, host: h, routes: mount.Routes, run: mount.Run}, err
}

func (f *follower) say(text string) (screen, error) {
	id, at := f.next()
	return f.deliver(at, f.account.Text(openid, id, at, text))
}

// next is the number and the time of the next message.
func (f *follower) next() (id string, at time.Time) {
	f.sent++
	return strconv.Itoa(firstMessage + f.sent), f.host.Now()
}

// firstMessage is about as long as WeChat's numbers are.
const firstMessage = 24_000_000_000_000_000

func (f *follower) deliver(at time.Time, message []byte) (screen, error) {
	f.delivered++
	a := serve(f.routes, f.account.Deliver("http://127.0.0.1"+wechat.Route, at, strconv.Itoa(f.delivered), message))
	if a.status != http.StatusOK {
		return screen{}, refused(a)
	}
	shown, err := f.account.Open(a.body.Bytes())
	if err != nil {
		return screen{}, bot.Errorf(bot.Internal, "read answer", "WeChat could not read it: %v", err)
	}
	s := screen{raw: bytes.Clone(a.body.Bytes())}
	if shown.Success {
		return s, nil
	}
	if shown.To != openid || shown.From != f.account.OriginalID || shown.Kind != "text" {
		return screen{}, bot.Errorf(bot.Internal, "read answer", "it is no text from the account to the follower")
	}
	s.shown = strings.Split(shown.Content, "\n")
	s.texts, s.progress = f.host.cutProgress(full(shown.Content))
	s.texts, s.choices = unnumber(s.texts)
	return s, nil
}

func (f *follower) send(what, rest string) (screen, error) {
	if what == "place" {
		return f.place(rest)
	}
	a, at := f.account, f.host.Now()
	switch what {
	case "joined":
		if rest != "" {
			rest = "qrscene_" + rest
		}
		return f.deliver(at, a.Event(openid, "subscribe", rest, at))
	case "scanned":
		return f.deliver(at, a.Event(openid, "SCAN", rest, at))
	case "left":
		return f.deliver(at, a.Event(openid, "unsubscribe", "", at))
	}
	id, at := f.next()
	switch media := "media-" + id; what {
	case "photo":
		if rest == "" { // WeChat has no captions
			return f.deliver(at, a.Image(openid, id, at, media))
		}
	case "voice", "heard":
		return f.deliver(at, a.Voice(openid, id, at, media, rest))
	case "unreadable":
		return f.deliver(at, a.Other(openid, "hologram", id, at, ""))
	}
	return screen{}, cannot(what)
}

func (f *follower) place(rest string) (screen, error) {
	lat, lng, label, err := place(rest)
	if err != nil {
		return screen{}, err
	}
	id, at := f.next()
	return f.deliver(at, f.account.Location(openid, id, at, lat, lng, label))
}

func (f *follower) press(last screen, label string) (screen, error) {
	return number(f, last, label)
}

func (f *follower) speak(string) error {
	return bot.Errorf(bot.NotFound, "directive lang", "WeChat does not tell anybody's language")
}

// close waits for what the channel does beside its answers.
func (f *follower) close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return f.run(ctx)
}
