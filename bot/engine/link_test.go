package engine_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
)

var codeIn = regexp.MustCompile(`\d{4} \d{4} \d{4}`)

// code has a code shown on a channel.
func (b *bench) code(channel string) string {
	b.t.Helper()
	b.on(channel, "绑定")
	r := b.on(channel, "显示绑定码")
	code := codeIn.FindString(strings.Join(r.Texts, "\n"))
	if code == "" {
		b.t.Fatalf("no code: %q", r.Texts)
	}
	return code
}

func at(channel string) bot.Identity { return bot.Identity{Channel: channel, User: "p"} }

// TestLinkByCode holds that a code typed on another channel makes the two one conversation from the next message on,
// with the effect for the records, and that a repeated delivery of the code gets the same answer.
func TestLinkByCode(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.on("web", "我要登记")
	b.on("web", "同意")
	code := b.code("web")
	m := b.message("p", "绑定 "+code)
	m.From = at("wechat")
	first := b.turn(m)
	if !said(first, "绑定好了") {
		t.Fatalf("%q", first.Texts)
	}
	if again := b.turn(m); strings.Join(again.Texts, "") != strings.Join(first.Texts, "") {
		t.Errorf("the repeat got %q", again.Texts)
	}
	b.on("web", "我叫老陈")
	if r := b.on("wechat", "13805921234"); !said(r, "138 0592 1234") {
		t.Errorf("the registration does not go on: %q", r.Texts)
	}
	again := b.message("p", "瓦工")
	again.From = at("wechat")
	one, two := b.turn(again), b.turn(again)
	if strings.Join(one.Texts, "") != strings.Join(two.Texts, "") {
		t.Errorf("a repeat after the link: %q and %q", one.Texts, two.Texts)
	}
	web, err := b.History(t.Context(), at("web"))
	if err != nil {
		t.Fatal(err)
	}
	wechat, err := b.History(t.Context(), at("wechat"))
	if err != nil || len(web) != len(wechat) || len(web) < 6 {
		t.Errorf("histories of %d and %d exchanges: %v", len(web), len(wechat), err)
	}
	var links int
	for _, e := range b.records.entries() {
		if e.Kind == "link_identity" && e.From == at("wechat") && strings.Contains(string(e.Data), `"web"`) {
			links++
		}
	}
	if links != 1 {
		t.Errorf("%d effects link the two", links)
	}
}

// TestCodeIsGoodOnce holds that of several who type a code at once, on two processes, one is linked; and that a code
// that is old, used, or a link, is none.
func TestCodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	other := b.process("two")
	code := b.code("web")
	linked := make(chan string, 8)
	var wg sync.WaitGroup
	for i := range 8 {
		e := b.Engine
		if i%2 == 1 {
			e = other
		}
		who := bot.Identity{Channel: "wechat", User: string(rune('a' + i))}
		wg.Go(func() {
			r, err := e.Turn(t.Context(), bot.Message{ID: "code", From: who, Text: "绑定 " + code})
			if err != nil {
				t.Error(err)
			}
			if said(r, "绑定好了") {
				linked <- who.User
			}
		})
	}
	wg.Wait()
	if len(linked) != 1 {
		t.Errorf("%d were linked by one code", len(linked))
	}
	code = b.code("web")
	b.clock.wait(11 * time.Minute)
	if r := b.on("wechat", "绑定 "+code); said(r, "绑定好了") {
		t.Error("a code of 11 minutes ago was taken")
	}
	if r := b.on("web", "绑定 "+b.code("web")); !said(r, "您自己的") {
		t.Errorf("my own code: %q", r.Texts)
	}
}

// TestCodesRunOut holds that somebody who guesses is stopped.
func TestCodesRunOut(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	code := b.code("web")
	for range 5 {
		b.on("wechat", "绑定 1111 2222 3333")
	}
	if r := b.on("wechat", "绑定 "+code); said(r, "绑定好了") {
		t.Error("after five wrong codes the right one was taken at once")
	}
	b.clock.wait(31 * time.Minute)
	if r := b.on("wechat", "绑定 "+b.code("web")); !said(r, "绑定好了") {
		t.Errorf("half an hour later: %q", r.Texts)
	}
}

// TestLinksInCircles holds that two channels that typed each other's code at the same moment are one conversation, and
// that nobody waits for ever.
func TestLinksInCircles(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	of := map[string]string{"web": b.code("wechat"), "wechat": b.code("web")}
	var wg sync.WaitGroup
	for channel, code := range of {
		wg.Go(func() {
			m := bot.Message{ID: "join", From: at(channel), Text: "绑定 " + code}
			if _, err := b.Turn(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 20 {
		for _, channel := range []string{"web", "wechat"} {
			m := b.message("p", "菜单")
			m.From = at(channel)
			wg.Go(func() {
				if _, err := b.Turn(ctx, m); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	b.on("web", "我要登记")
	if r := b.on("wechat", "菜单"); len(r.Texts) == 0 {
		t.Error("silent")
	}
	one, _ := b.History(t.Context(), at("web"))
	two, err := b.History(t.Context(), at("wechat"))
	if err != nil || len(one) == 0 || one[len(one)-1].ID != two[len(two)-1].ID {
		t.Errorf("they are not one conversation: %v", err)
	}
}

// TestUnder16GoesAlong holds that what somebody said of their age on one channel is known on the one it is linked to.
func TestUnder16GoesAlong(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.on("wechat", "我15岁")
	code := b.code("web")
	if r := b.on("wechat", "绑定 "+code); !said(r, "绑定好了") {
		t.Fatalf("not linked: %q", r.Texts)
	}
	b.on("wechat", "我要登记")
	for _, text := range []string{"老陈", "13805921234", "1985年", "瓦工", "同安", "是", "同意"} {
		b.on("wechat", text)
	}
	for _, e := range b.records.entries() {
		if e.Kind == "save_worker" {
			t.Error("somebody who said that they are 15 was registered through a link")
		}
	}
}

// TestUnlink holds that a channel that is separated goes on where it was itself.
func TestUnlink(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.on("wechat", "我要登记")
	b.on("wechat", "同意")
	b.on("wechat", "我叫小林")
	if r := b.on("wechat", "绑定 "+b.code("web")); !said(r, "绑定好了") {
		t.Fatalf("%q", r.Texts)
	}
	if r := b.on("wechat", "菜单"); said(r, "小林") {
		t.Error("the other's answers are here")
	}
	b.records.known = []bot.Identity{at("web"), at("wechat")}
	b.on("web", "解绑")
	if r := b.on("web", "微信"); !said(r, "分开了") {
		t.Fatalf("%q", r.Texts)
	}
	if r := b.on("wechat", "13805921234"); !said(r, "138 0592 1234") {
		t.Errorf("what was begun is gone: %q", r.Texts)
	}
}

var linkIn = regexp.MustCompile(`/go/([0-9a-z]{26})\b`)

// hurt brings somebody on Telegram to a sensitive question and returns the pass of the link.
func (b *bench) hurt() string {
	b.t.Helper()
	r := b.on("telegram", "我在工地摔伤了要理赔")
	found := linkIn.FindStringSubmatch(strings.Join(r.Texts, "\n"))
	if found == nil {
		b.t.Fatalf("no link: %q", r.Texts)
	}
	return found[1]
}

// TestHandOver holds that a sensitive question is asked on the web page and nowhere abroad: the same worker, the same
// dialogue, the same answers; and that what is written abroad all the same is kept nowhere.
func TestHandOver(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.hurt()
	const secret = "左腿骨折在第一医院"
	r := b.on("telegram", secret)
	pass := linkIn.FindStringSubmatch(strings.Join(r.Texts, "\n"))
	if pass == nil || !said(r, "没有留下来") {
		t.Fatalf("%q", r.Texts)
	}
	if err := b.Redeem(t.Context(), pass[1], at("web")); err != nil {
		t.Fatal(err)
	}
	past, err := b.History(t.Context(), at("web"))
	if err != nil || len(past) == 0 {
		t.Fatal(err)
	}
	for _, x := range past {
		if strings.Contains(x.Said, secret) {
			t.Error("what was not to be kept is in the history")
		}
	}
	if last := past[len(past)-1]; last.Said != "" || !said(last.Reply, "伤在哪") {
		t.Errorf("the page does not ask: %q", last.Reply.Texts)
	}
	if r := b.on("web", "右手夹伤"); !said(r, "记下了") {
		t.Errorf("the answer was not taken: %q", r.Texts)
	}
	var notes int
	for _, e := range b.records.entries() {
		if strings.Contains(string(e.Data), secret) {
			t.Errorf("%s holds what was written abroad", e.Kind)
		}
		if e.Kind == "ask_staff" && e.From == at("telegram") && strings.Contains(string(e.Data), "右手夹伤") {
			notes++
		}
	}
	if notes != 1 {
		t.Errorf("%d notes for staff", notes)
	}
	b.clock.wait(25 * time.Hour)
	if r := b.on("web", "你好"); said(r, "RG") {
		t.Errorf("a day later the browser still speaks for them: %q", r.Texts)
	}
}

// TestLinkIsGoodOnce holds that a link works for one browser, as often as it is opened there, for 15 minutes, and
// while its dialogue is under way.
func TestLinkIsGoodOnce(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	redeem := func(pass, browser string) bot.Code {
		return bot.CodeOf(b.Redeem(t.Context(), pass, bot.Identity{Channel: "web", User: browser}))
	}
	pass := b.hurt()
	if code := redeem(strings.Repeat("0", 26), "x"); code != bot.NotFound {
		t.Errorf("an unknown pass: %q", code)
	}
	results := make(chan bot.Code, 8)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { results <- redeem(pass, string(rune('a'+i))) })
	}
	wg.Wait()
	close(results)
	good := 0
	for code := range results {
		switch code {
		case "":
			good++
		case bot.NotFound:
		default:
			t.Errorf("code %q", code)
		}
	}
	if good != 1 {
		t.Errorf("%d browsers of 8 came in by one link", good)
	}
	pass = b.hurt()
	for range 2 {
		if code := redeem(pass, "same"); code != "" {
			t.Errorf("the same browser: %q", code)
		}
	}
	past, err := b.History(t.Context(), at("telegram"))
	if err != nil {
		t.Fatal(err)
	}
	if redeem(pass, "same"); len(past) == 0 {
		t.Error("no history")
	}
	if more, _ := b.History(t.Context(), at("telegram")); len(more) != len(past) {
		t.Error("opening the link again asked again")
	}
	pass = b.hurt()
	b.clock.wait(16 * time.Minute)
	if code := redeem(pass, "late"); code != bot.NotFound {
		t.Errorf("after 16 minutes: %q", code)
	}
	pass = b.hurt()
	b.on("telegram", "取消")
	if code := redeem(pass, "left"); code != bot.NotFound {
		t.Errorf("after the dialogue was left: %q", code)
	}
	if code := redeem(strings.ReplaceAll(b.code("telegram"), " ", ""), "code"); code != bot.NotFound {
		t.Errorf("a code opened as a link: %q", code)
	}
}

// TestLinkOverAnotherLink holds that a browser that is linked for good to one person, and goes on as another for a day,
// is the first one's again after it.
func TestLinkOverAnotherLink(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	if r := b.on("web", "绑定 "+b.code("wechat")); !said(r, "绑定好了") {
		t.Fatalf("%q", r.Texts)
	}
	pass := b.hurt()
	if err := b.Redeem(t.Context(), pass, at("web")); err != nil {
		t.Fatal(err)
	}
	b.on("web", "右手夹伤")
	b.clock.wait(25 * time.Hour)
	b.on("web", "你好")
	past, err := b.History(t.Context(), at("wechat"))
	if err != nil || past[len(past)-1].Said != "你好" {
		t.Errorf("the browser speaks for somebody else: %v", err)
	}
}
