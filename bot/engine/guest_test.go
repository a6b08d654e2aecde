package engine_test

import (
	"strings"
	"testing"
	"time"

	"yilu/bot"
)

// guest brings a browser into the conversation of somebody hurt on Telegram.
func (b *bench) guest() {
	b.t.Helper()
	if err := b.Redeem(b.t.Context(), b.hurt(), at("web")); err != nil {
		b.t.Fatal(err)
	}
}

func shownTo(t *testing.T, b *bench, channel string) string {
	t.Helper()
	past, err := b.History(t.Context(), at(channel))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, x := range past {
		all.WriteString(x.Said + strings.Join(x.Reply.Texts, "") + "\n")
	}
	return all.String()
}

// TestGuestSeesItsOwnMatter holds that a browser which goes on for a day sees what it came for and nothing that was said
// before, and that nothing of it is left there afterwards.
func TestGuestSeesItsOwnMatter(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.on("telegram", "我要登记 我叫老陈 13805921234 68年的 瓦工 同安")
	b.on("telegram", "同意")
	code := b.code("telegram")
	b.guest()
	b.on("web", "右手夹伤")
	seen := shownTo(t, b, "web")
	if strings.Contains(seen, code) || strings.Contains(seen, "1234") {
		t.Errorf("a guest sees what was said before: %s", seen)
	}
	if !strings.Contains(seen, "伤在哪") || !strings.Contains(seen, "右手夹伤") {
		t.Errorf("a guest does not see its own matter: %s", seen)
	}
	b.clock.wait(25 * time.Hour)
	if seen := shownTo(t, b, "web"); strings.Contains(seen, "右手夹伤") || strings.Contains(seen, "RG") {
		t.Errorf("a day later it is still there: %s", seen)
	}
}

// TestGuestChangesNothing holds that a guest neither sees nor changes what is kept of the worker, and has a person one
// word away.
func TestGuestChangesNothing(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.records.known = []bot.Identity{at("telegram"), at("wechat")}
	b.guest()
	for _, text := range []string{"跳过", "删除我的资料", "要删", "是", "导出我的资料", "电话换成13900000000", "我要登记 我叫老林 13900000000 85年 瓦工 同安", "同意", "我的报名", "解绑", "微信", "有新活告诉我", "同意"} {
		if r := b.on("web", text); len(r.Texts) == 0 {
			t.Errorf("%q: silence", text)
		}
	}
	b.on("telegram", "解绑")
	b.on("web", "微信")
	for _, kind := range []string{"save_worker", "unlink_identity", "add_alert", "record_consent"} {
		if n := len(b.kinds(kind)); n > 0 {
			t.Errorf("a guest brought about %d × %s", n, kind)
		}
	}
	for _, e := range b.kinds("ask_staff") {
		if strings.Contains(string(e.Data), `"erase"`) || strings.Contains(string(e.Data), `"copy"`) {
			t.Errorf("a guest asked for %s", e.Data)
		}
	}
	before := len(b.kinds("ask_staff"))
	b.clock.wait(5 * time.Hour)
	if b.on("web", "转人工"); len(b.kinds("ask_staff")) != before+1 {
		t.Error("no person for a guest")
	}
}

// TestOwnerIsToldOfLinks holds that the news of a link reaches the worker's own channel, whoever else has seen it.
func TestOwnerIsToldOfLinks(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.link("web", "telegram") // web is told of wechat while it asks for this code
	for range 2 {
		b.on("wechat", "你好")
		b.on("telegram", "你好")
	}
	if r := b.on("web", "你好"); !said(r, "刚刚绑定了您的Telegram") {
		t.Errorf("the owner was not told: %q", r.Texts)
	}
	if r := b.on("web", "你好"); said(r, "刚刚绑定了") {
		t.Errorf("told twice: %q", r.Texts)
	}
}

// TestGuestsComeAlone holds that channels which are linked to a guest do not come along into somebody else's matter.
func TestGuestsComeAlone(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.guest()
	if r := b.on("wechat", "在第一医院"); said(r, "RG") {
		t.Errorf("wechat speaks in the other's dialogue: %q", r.Texts)
	}
	b.on("web", "右手夹伤")
	if !strings.Contains(shownTo(t, b, "telegram"), "右手夹伤") || strings.Count(shownTo(t, b, "telegram"), "右手夹伤") != 1 {
		t.Error("the guest's answer is not there once")
	}
}

// TestCopyThatCameLate holds that a repeat is no second turn although the copy of its answer could not be kept before
// the channels parted.
func TestCopyThatCameLate(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.records.known = []bot.Identity{at("web"), at("wechat")}
	broken := &faulty{Ledger: b.ledger, key: at("wechat").Key()}
	b.ledger = broken
	b.Engine = b.process("one")
	m := bot.Message{ID: "unpaid", From: at("wechat"), Text: "老板欠我工资"}
	if _, err := b.Turn(t.Context(), m); err == nil {
		t.Fatal("the copy was kept")
	}
	broken.key = ""
	b.part("web", "微信")
	b.turn(m)
	if n := len(b.kinds("ask_staff")); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestRepeatAfterTheDay holds the same for a guest whose day ended in between.
func TestRepeatAfterTheDay(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.guest()
	broken := &faulty{Ledger: b.ledger, key: at("web").Key()}
	b.ledger = broken
	b.Engine = b.process("one")
	m := bot.Message{ID: "note", From: at("web"), Text: "右手夹伤"}
	if _, err := b.Turn(t.Context(), m); err == nil {
		t.Fatal("the copy was kept")
	}
	broken.key = ""
	b.clock.wait(25 * time.Hour)
	if r := b.turn(m); !said(r, "记下了") {
		t.Errorf("the repeat got %q", r.Texts)
	}
}

// TestYoungGuestStaysYoung holds that what a guest said of the age is known after the day, too, and that the first word
// after it is heard.
func TestYoungGuestStaysYoung(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		b := house(t, "one")
		b.guest()
		if !late {
			b.on("web", "我15岁")
		}
		b.clock.wait(25 * time.Hour)
		if late {
			b.on("web", "我15岁")
		} else {
			b.on("web", "你好")
		}
		if r := b.on("web", "我要登记"); !said(r, "没满16周岁") {
			t.Errorf("late %v: the age is forgotten: %q", late, r.Texts)
		}
	}
}

// TestHelpIsNotHushed holds that who asks for help where a sensitive question waits gets it, without the words.
func TestHelpIsNotHushed(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.hurt()
	before := len(b.kinds("ask_staff"))
	if r := b.on("telegram", "老板欠我工资"); len(b.kinds("ask_staff")) != before+1 {
		t.Errorf("another matter did not reach staff: %q", r.Texts)
	}
	b = house(t, "one")
	b.hurt()
	m := bot.Message{ID: "p", From: at("telegram"), Abroad: true, Text: "人工", Files: []bot.File{{Ref: "file:1", Kind: bot.Photo}}}
	if r := b.turn(m); !said(r, "已经告诉工作人员") || len(b.kinds("keep_file")) > 0 {
		t.Errorf("a photo with a word for a person: %q", r.Texts)
	}
}

// TestCodeAndLinkInOneTurn holds that both passes of one turn are good.
func TestCodeAndLinkInOneTurn(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.hurt()
	b.on("telegram", "绑定")
	r := b.on("telegram", "显示绑定码")
	pass := linkIn.FindStringSubmatch(strings.Join(r.Texts, "\n"))
	code := codeIn.FindString(strings.Join(r.Texts, "\n"))
	if pass == nil || code == "" {
		t.Fatalf("%q", r.Texts)
	}
	if err := b.Redeem(t.Context(), pass[1], at("web")); err != nil {
		t.Errorf("the link: %v", err)
	}
	if r := b.on("wechat", "绑定 "+code); !said(r, "绑定好了") {
		t.Errorf("the code: %q", r.Texts)
	}
}

// TestGuestAtADoor holds that a dialogue which leads on into one that is not for guests ends for them with a word, and
// the way to a person.
func TestGuestAtADoor(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.guest()
	b.on("web", "跳过")
	b.on("web", "我15岁")
	r := b.on("web", "年纪说错了")
	if !said(r, "回到您原来的渠道") || said(r, "出了点问题") || len(r.Texts) > 3 {
		t.Errorf("%q", r.Texts)
	}
	if r := b.on("telegram", "我要登记"); !said(r, "没满16周岁") {
		t.Errorf("a guest took the age back: %q", r.Texts)
	}
	for _, label := range []string{"菜单", "登记", "1", "我的资料"} {
		if r := b.on("web", label); len(r.Texts) == 0 || said(r, "出了点问题") || len(r.Texts) > 4 {
			t.Errorf("%q: %q", label, r.Texts)
		}
	}
}

// TestAgeTakenBackOnALinkedChannel holds that a slip about the age can be taken back on a channel that is linked, for
// good.
func TestAgeTakenBackOnALinkedChannel(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.on("wechat", "我15岁")
	b.on("wechat", "年纪说错了")
	for _, channel := range []string{"wechat", "web"} {
		if r := b.on(channel, "同安 瓦工"); said(r, "没满16周岁") {
			t.Errorf("on %s it still stands: %q", channel, r.Texts)
		}
	}
}
