package engine_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/ledger"
)

// link makes b speak as a.
func (b *bench) link(a, other string) {
	b.t.Helper()
	if r := b.on(other, "绑定 "+b.code(a)); !said(r, "绑定好了") {
		b.t.Fatalf("%s was not linked: %q", other, r.Texts)
	}
}

// part separates a channel, by its name in the list.
func (b *bench) part(asked, label string) {
	b.t.Helper()
	b.on(asked, "解绑")
	if r := b.on(asked, label); !said(r, "分开了") {
		b.t.Fatalf("not separated: %q", r.Texts)
	}
}

func (b *bench) kinds(kind string) (out []bot.Entry) {
	for _, e := range b.records.entries() {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// TestFilesBelongToTheirChannel holds that what has to be fetched, or can be written to, is named by the channel that
// it came from, whoever that speaks as.
func TestFilesBelongToTheirChannel(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.turn(bot.Message{ID: "p1", From: at("wechat"), Files: []bot.File{{Ref: "media:1", Kind: bot.Photo}}})
	b.turn(bot.Message{ID: "p2", From: at("wechat"), Event: bot.Left})
	for _, kind := range []string{"keep_file", "note_contact"} {
		if all := b.kinds(kind); len(all) != 1 || all[0].From != at("wechat") {
			t.Errorf("%s: %v", kind, all)
		}
	}
}

// TestNumbersAreReadWhereTheyWereShown holds that a number, or a yes, answers only what was shown on the same channel.
func TestNumbersAreReadWhereTheyWereShown(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.on("web", "我要登记 我叫老陈 13805921234 68年的 瓦工 同安") // the summary: 1 is yes
	for _, blind := range []string{"1", "是", "好的"} {
		r := b.on("wechat", blind)
		if len(b.kinds("save_worker")) > 0 {
			t.Fatalf("%q on a channel that had not shown the summary registered", blind)
		}
		if !said(r, "老陈") {
			t.Errorf("%q: the question is not shown: %q", blind, r.Texts)
		}
		b.on("web", "你好")
	}
	b.on("wechat", "你好")
	if b.on("wechat", "1"); len(b.kinds("save_worker")) != 1 {
		t.Error("and now that it was shown there, 1 does nothing")
	}
}

// TestRepeatsAfterTheLinkChanged holds that a repeated delivery gets its answer and makes no second turn, whoever the
// channel speaks as by then.
func TestRepeatsAfterTheLinkChanged(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.records.known = []bot.Identity{at("web"), at("wechat")}
	unpaid := bot.Message{ID: "unpaid", From: at("wechat"), Text: "老板欠我工资"}
	first := b.turn(unpaid)
	b.part("web", "微信")
	again := b.turn(unpaid)
	if strings.Join(first.Texts, "") != strings.Join(again.Texts, "") || len(b.kinds("ask_staff")) != 1 {
		t.Errorf("the repeat is a second turn: %q, %d requests", again.Texts, len(b.kinds("ask_staff")))
	}
}

// TestPartingItselfAtOnce holds that the message which separates its own channel is one turn with one answer, delivered
// sixteen times at once to two processes.
func TestPartingItselfAtOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		b := house(t, "one")
		other := b.process("two")
		b.link("web", "wechat")
		b.records.known = []bot.Identity{at("web"), at("wechat")}
		b.on("wechat", "解绑")
		m := bot.Message{ID: "part", From: at("wechat"), Text: "微信"}
		answers := make(chan string, 16)
		var wg sync.WaitGroup
		for i := range 16 {
			e := b.Engine
			if i%2 == 1 {
				e = other
			}
			wg.Go(func() {
				r, err := e.Turn(t.Context(), m)
				if err != nil {
					t.Error(err)
				}
				answers <- strings.Join(r.Texts, "")
			})
		}
		wg.Wait()
		close(answers)
		for a := range answers {
			if !strings.Contains(a, "分开了") {
				t.Errorf("one delivery got %q", a)
			}
		}
		if n := len(b.kinds("unlink_identity")); n != 1 {
			t.Errorf("%d effects separate", n)
		}
	}
}

// TestChainsStayTogether holds that whoever was linked through a channel stays with the worker when that channel goes.
func TestChainsStayTogether(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("wechat", "telegram")
	b.link("web", "wechat")
	b.records.known = []bot.Identity{at("web"), at("wechat"), at("telegram")}
	b.part("web", "微信")
	b.on("telegram", "我是工友")
	past, err := b.History(t.Context(), at("web"))
	if err != nil || past[len(past)-1].Said != "我是工友" {
		t.Errorf("telegram speaks in another conversation: %v", err)
	}
	if mine, _ := b.History(t.Context(), at("wechat")); len(mine) > 0 && mine[len(mine)-1].Said == "我是工友" {
		t.Error("telegram speaks in wechat's conversation")
	}
}

// circle links web and wechat to each other, by codes typed at the same moment.
func (b *bench) circle() {
	b.t.Helper()
	of := map[string]string{"web": b.code("wechat"), "wechat": b.code("web")}
	for range 20 { // both have to be decided before either is kept
		var wg sync.WaitGroup
		for channel, code := range of {
			wg.Go(func() {
				_, _ = b.Turn(b.t.Context(), bot.Message{ID: "join", From: at(channel), Text: "绑定 " + code})
			})
		}
		wg.Wait()
	}
}

// TestPartingACircle holds that two that link each other can be separated.
func TestPartingACircle(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.circle()
	b.records.known = []bot.Identity{at("web"), at("wechat")}
	asked, label := "web", "微信"
	if r := b.on(asked, "解绑"); !said(r, "哪一个") {
		t.Fatalf("%q", r.Texts)
	} else if len(r.Choices) > 0 && r.Choices[0].Label != label {
		label = r.Choices[0].Label
	}
	b.on(asked, label)
	b.on("web", "我在网页")
	b.on("wechat", "我在微信")
	web, _ := b.History(t.Context(), at("web"))
	wechat, err := b.History(t.Context(), at("wechat"))
	if err != nil || web[len(web)-1].Said != "我在网页" || wechat[len(wechat)-1].Said != "我在微信" {
		t.Errorf("they are still one: %v", err)
	}
}

// TestUnder16OnBothSides holds that an age said on one channel is known on the other, whichever is the worker's own, and
// after they were separated.
func TestUnder16OnBothSides(t *testing.T) {
	t.Parallel()
	register := func(b *bench, channel string) {
		for _, text := range []string{"我要登记 我叫老陈 13805921234 85年的 瓦工 同安", "同意", "是", "我要登记", "同意"} {
			b.on(channel, text)
		}
		if len(b.kinds("save_worker")) > 0 {
			b.t.Errorf("somebody who said that they are 15 is registered on %s", channel)
		}
	}
	t.Run("owner", func(t *testing.T) {
		t.Parallel()
		b := house(t, "one")
		b.on("wechat", "我15岁")
		b.link("web", "wechat")
		register(b, "web")
	})
	t.Run("separated", func(t *testing.T) {
		t.Parallel()
		b := house(t, "one")
		b.link("web", "wechat")
		b.records.known = []bot.Identity{at("web"), at("wechat")}
		b.on("wechat", "我15岁")
		b.part("web", "微信")
		register(b, "wechat")
	})
	t.Run("at the summary", func(t *testing.T) {
		t.Parallel()
		b := house(t, "one")
		b.on("wechat", "我15岁")
		b.on("web", "我要登记 我叫老陈 13805921234 85年的 瓦工 同安")
		code := b.code("web")
		b.on("wechat", "绑定 "+code)
		if r := b.on("wechat", "是"); said(r, "出了点问题") {
			t.Errorf("a fault instead of an answer: %q", r.Texts)
		}
		register(b, "web")
	})
}

// TestGuestLinksNothing holds that a browser which goes on with a dialogue for a day gives nobody access for longer.
func TestGuestLinksNothing(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	if err := b.Redeem(t.Context(), b.hurt(), at("web")); err != nil {
		t.Fatal(err)
	}
	b.on("web", "绑定")
	if r := b.on("web", "显示绑定码"); codeIn.MatchString(strings.Join(r.Texts, "")) {
		t.Error("a guest was shown a code")
	}
	b.on("wechat", "你好")
	if r := b.on("web", "绑定 "+b.code("wechat")); said(r, "绑定好了") {
		t.Error("a guest linked the worker to somebody")
	}
}

// TestUsedCodeStaysUsed holds that a code does not link again after the channels were separated.
func TestUsedCodeStaysUsed(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	code := b.code("web")
	b.clock.wait(5 * time.Minute)
	b.on("wechat", "绑定 "+code)
	b.records.known = []bot.Identity{at("web"), at("wechat")}
	b.part("web", "微信")
	if r := b.on("wechat", "绑定 "+code); said(r, "绑定好了") {
		t.Error("the same code linked again")
	}
}

// TestNothingOfItIsKept holds that what is written on a channel abroad while a sensitive question waits is kept nowhere,
// whatever else it may mean; words of danger are, because somebody has to come.
func TestNothingOfItIsKept(t *testing.T) {
	t.Parallel()
	const secret = "左腿骨折"
	for name, send := range map[string]func(b *bench){
		"plain":           func(b *bench) { b.on("telegram", secret+"在第一医院") },
		"with a wish":     func(b *bench) { b.on("telegram", "我要登记，"+secret) },
		"with a code":     func(b *bench) { b.on("telegram", "绑定 "+secret) },
		"with alerts":     func(b *bench) { b.on("telegram", "有新活告诉我，"+secret) },
		"with erasure":    func(b *bench) { b.on("telegram", "删除我的资料，"+secret) },
		"with correction": func(b *bench) { b.on("telegram", secret+"，电话写错了") },
		"with a report":   func(b *bench) { b.on("telegram", "黑中介要举报，"+secret) },
		"after a look":    func(b *bench) { b.on("telegram", "找活"); b.on("telegram", secret+"在第一医院") },
		"in a caption": func(b *bench) {
			b.turn(bot.Message{ID: "c", From: at("telegram"), Abroad: true, Text: secret, Files: []bot.File{{Ref: "file:1", Kind: bot.Photo}}})
		},
		"spoken": func(b *bench) {
			b.turn(bot.Message{ID: "c", From: at("telegram"), Abroad: true, Text: secret, Heard: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := house(t, "one")
			b.hurt()
			send(b)
			past, err := b.History(t.Context(), at("telegram"))
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range past {
				if strings.Contains(x.Said+strings.Join(x.Reply.Texts, ""), secret) {
					t.Errorf("the history has it: %q %q", x.Said, x.Reply.Texts)
				}
			}
			snap, err := b.ledger.Look(t.Context(), at("telegram").Key(), "look", b.clock.now())
			if err != nil || strings.Contains(string(snap.State), secret) {
				t.Errorf("the session has it: %v", err)
			}
			for _, e := range b.records.entries() {
				if strings.Contains(string(e.Data), secret) || e.Kind == "keep_file" {
					t.Errorf("an effect has it: %s", e)
				}
			}
		})
	}
}

// TestWaysOutAtTheHandOver holds that at a question that cannot be asked here a person is one word away, and numbers do
// what they say.
func TestWaysOutAtTheHandOver(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"1", "跳过", "人工"} {
		b := house(t, "one")
		b.hurt()
		if r := b.on("telegram", word); !said(r, "已经告诉工作人员") || said(r, "/go/") {
			t.Errorf("%q: %q", word, r.Texts)
		}
	}
}

// TestPhotoWithDangerIsKept holds that a photo is not lost because of the words with it, nor because a store is away.
func TestPhotoWithDangerIsKept(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.turn(bot.Message{ID: "d", From: at("wechat"), Text: "有人触电了快救命", Files: []bot.File{{Ref: "media:1", Kind: bot.Photo}}})
	all := b.kinds("keep_file")
	if len(all) != 1 || !strings.Contains(string(all[0].Data), `"QZ`) {
		t.Errorf("%v", all)
	}
}

// TestLanguageIsTheSpeakers holds that two channels that hint at different languages do not flip the conversation.
func TestLanguageIsTheSpeakers(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "telegram")
	hint := map[string]string{"web": "zh-CN", "telegram": "en"}
	for i := range 6 {
		channel := []string{"web", "telegram"}[i%2]
		m := b.message("p", "你好")
		m.From, m.Lang = at(channel), hint[channel]
		if r := b.turn(m); r.Lang != "zh-CN" {
			t.Fatalf("after a message on %s it speaks %s", channel, r.Lang)
		}
	}
}

// faulty is a ledger that cannot write to a key, until it is mended.
type faulty struct {
	ledger.Ledger
	key string
}

func (f *faulty) Commit(ctx context.Context, key string, c ledger.Commit) error {
	if key == f.key {
		return &bot.Error{Code: bot.Unavailable, Op: "test", Say: "cannot be written now"}
	}
	return f.Ledger.Commit(ctx, key, c)
}

// TestSeparatingOutlivesACrash holds that a separation which was asked for is done before the separated channel's next
// message, although it could not be done at once.
func TestSeparatingOutlivesACrash(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.link("web", "wechat")
	b.records.known = []bot.Identity{at("web"), at("wechat")}
	b.on("web", "解绑")
	broken := &faulty{Ledger: b.ledger, key: at("wechat").Key()}
	b.ledger = broken
	b.Engine = b.process("one")
	b.on("web", "微信")
	broken.key = ""
	b.on("wechat", "我在微信")
	web, err := b.History(t.Context(), at("web"))
	if err != nil || web[len(web)-1].Said == "我在微信" {
		t.Errorf("still together: %v", err)
	}
}

// TestYoungGuest holds that somebody who said that they are 15 is not led to work in another's conversation either.
func TestYoungGuest(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	b.on("web", "我15岁")
	if err := b.Redeem(t.Context(), b.hurt(), at("web")); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"跳过", "我要登记 我叫老陈 13805921234 85年的 瓦工 同安", "同意", "是"} {
		b.on("web", text)
	}
	if len(b.kinds("save_worker")) > 0 {
		t.Error("registered")
	}
}

// A process that holds a session from before it was linked undoes the link all the same.
func TestSeparatedByAProcessThatKnewItBefore(t *testing.T) {
	t.Parallel()
	b := house(t, "one")
	two := b.process("two")
	turn := func(from, id, text string) {
		t.Helper()
		if _, err := two.Turn(t.Context(), bot.Message{ID: id, From: at(from), Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	turn("wechat", "h0", "你好")
	b.link("web", "wechat")
	b.records.known = []bot.Identity{at("web"), at("wechat")}
	turn("web", "h1", "解绑")
	turn("web", "h2", "微信")
	b.on("wechat", "我在微信说的秘密")
	web, err := b.History(t.Context(), at("web"))
	if err != nil {
		t.Fatal(err)
	}
	if last := web[len(web)-1].Said; last == "我在微信说的秘密" {
		t.Errorf("still linked after it was undone: on the web one reads %q", last)
	}
}
