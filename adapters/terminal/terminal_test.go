package terminal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"yilu/adapters/adaptertest"
	"yilu/adapters/terminal"
	"yilu/bot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var langs = []string{"zh-CN", "en"}

func newHost(t testing.TB) *adaptertest.Host {
	return adaptertest.NewHost(t, adaptertest.Texts(t, "../../locales", "terminal", langs...), langs...)
}

func zh(t testing.TB, key string) string {
	return adaptertest.Texts(t, "../../locales", "terminal", langs...)["zh-CN"][key]
}

// talk runs a whole conversation and returns what was printed.
func talk(t testing.TB, host *adaptertest.Host, in io.Reader, opts terminal.Options) string {
	t.Helper()
	n := 0
	opts.NewID = func() string { n++; return fmt.Sprint("line-", n) }
	var out strings.Builder
	mount, err := terminal.New(in, &out, opts).Mount(host)
	if err != nil || len(mount.Routes) != 0 {
		t.Fatalf("mount: %v, routes %v", err, mount.Routes)
	}
	if err := mount.Run(t.Context()); err != nil {
		t.Errorf("run: %v", err)
	}
	return out.String()
}

func reply(m bot.Message) bot.Reply {
	return bot.Reply{Lang: "zh-CN", Progress: "第 1 步,共 3 步", Texts: []string{"听到:" + m.Text, "同意吗?"}, Choices: []bot.Choice{{Label: "同意", Send: "yes"}, {Label: "不同意", Send: "no"}}}
}

func TestPiped(t *testing.T) {
	t.Parallel()
	host := newHost(t)
	host.ReplyWith(reply)
	got := talk(t, host, strings.NewReader("我要登记\r\n\n  \n好"), terminal.Options{})
	want := `您好,这里是益鹭。
1 登记
2 找活

第 1 步,共 3 步
听到:我要登记
同意吗?
1 同意
2 不同意

第 1 步,共 3 步
听到:好
同意吗?
1 同意
2 不同意

`
	if got != want {
		t.Errorf("printed:\n%s\nwant:\n%s", got, want)
	}
	turns := host.Turns()
	if len(turns) != 2 || turns[0].From != (bot.Identity{Channel: "terminal", User: "me"}) || turns[0].ID == turns[1].ID || turns[1].Lang != "zh-CN" {
		t.Errorf("turns: %v", turns)
	}
}

func TestOnATerminal(t *testing.T) {
	t.Parallel()
	host := newHost(t)
	host.ReplyWith(reply)
	got := talk(t, host, strings.NewReader("好\n"), terminal.Options{TTY: true, Color: true, User: "lao-chen", Lang: "zh-CN"})
	for _, want := range []string{"> ", "\x1b[2m第 1 步,共 3 步\x1b[0m\n", "\x1b[1m1\x1b[0m 同意\n", zh(t, "terminal.end")} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if !strings.HasSuffix(got, "> \n") {
		t.Errorf("the cursor is left behind the prompt: %q", got)
	}
	if u := host.Turns()[0].From.User; u != "lao-chen" {
		t.Errorf("user %q", u)
	}
	if plain := talk(t, host, strings.NewReader("好\n"), terminal.Options{TTY: true}); strings.Contains(plain, "\x1b") {
		t.Errorf("colours without Color: %q", plain)
	}
}

func TestColor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tty       bool
		name, set string
		want      bool
	}{{true, "", "", true}, {false, "", "", false}, {true, "NO_COLOR", "1", false}, {true, "NO_COLOR", "", true}, {true, "TERM", "dumb", false}, {true, "TERM", "xterm", true}} {
		getenv := func(name string) string {
			if name == c.name {
				return c.set
			}
			return ""
		}
		if got := terminal.Color(c.tty, getenv); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	host := newHost(t)
	in := io.MultiReader(adaptertest.Body(10<<20), strings.NewReader("\n"), strings.NewReader(strings.Repeat("长", bot.MaxText+1)+"\n"),
		strings.NewReader(strings.Repeat("👷", bot.MaxText)+"\n还在\n"), strings.NewReader(strings.Repeat(" ", 1<<20)+"盖过缓冲\n"), adaptertest.Body(10<<20))
	got := talk(t, host, in, terminal.Options{})
	if n := strings.Count(got, zh(t, "terminal.too_long")); n != 4 {
		t.Errorf("said %d times that it is too long, want 4", n)
	}
	turns := host.Turns()
	if len(turns) != 2 || utf8.RuneCountInString(turns[0].Text) != bot.MaxText || turns[1].Text != "还在" {
		t.Errorf("turns: %v", turns)
	}
}

func TestAwkwardLines(t *testing.T) {
	t.Parallel()
	for name, text := range adaptertest.Awkward {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := newHost(t)
			got := talk(t, host, strings.NewReader(strings.NewReplacer("\r", "", "\n", " ").Replace(text)+"\n"), terminal.Options{})
			if len(host.Turns()) != 1 || !utf8.ValidString(got) || strings.ContainsAny(got, "\x1b\x07\x00") || !strings.Contains(got, host.Turns()[0].Text) {
				t.Errorf("%d turns, printed %q", len(host.Turns()), got)
			}
		})
	}
}

func TestEscapesOfOthersAreNotPrinted(t *testing.T) {
	t.Parallel()
	host := newHost(t)
	host.ReplyWith(func(bot.Message) bot.Reply {
		return bot.Reply{Texts: []string{"a\x1b]0;title\x07b"}, Progress: "\x1b[2J", Choices: []bot.Choice{{Label: "\x1b[31mred"}}}
	})
	if got := talk(t, host, strings.NewReader("x\n"), terminal.Options{}); strings.ContainsAny(got, "\x1b\x07") {
		t.Errorf("printed %q", got)
	}
}

func TestFaultsDoNotEndIt(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*adaptertest.Host){
		"error": func(h *adaptertest.Host) {
			h.FailNext(&bot.Error{Code: bot.Unavailable, Op: "commit turn", Err: errors.New("quotes 瓦工")})
		},
		"panic": func(h *adaptertest.Host) { h.ReplyWith(panicOn("瓦工")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := newHost(t)
			fail(host)
			got := talk(t, host, strings.NewReader("瓦工\n小工\n"), terminal.Options{})
			if !strings.Contains(got, zh(t, "terminal.fault")+"\n") || !strings.Contains(got, "小工\n") || len(host.Turns()) != 1 {
				t.Errorf("printed %q", got)
			}
			if log := host.Logged(); log == "" || strings.Contains(log, "瓦工") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func panicOn(text string) func(bot.Message) bot.Reply {
	return func(m bot.Message) bot.Reply {
		if m.Text == text {
			panic("a fault that quotes " + text)
		}
		return bot.Reply{Texts: []string{m.Text}, Lang: "zh-CN"}
	}
}

func TestNoGreetingIsNoEnd(t *testing.T) {
	t.Parallel()
	host := newHost(t)
	host.Break(&bot.Error{Code: bot.Unavailable, Op: "greet"})
	if got := talk(t, host, strings.NewReader("一\n"), terminal.Options{Lang: "en"}); !strings.Contains(got, "We can't answer right now") {
		t.Errorf("printed %q", got)
	}
}

func TestContextEndsIt(t *testing.T) {
	t.Parallel()
	in, feed := io.Pipe()
	defer feed.Close()
	ctx, cancel := context.WithCancel(t.Context())
	host := newHost(t)
	host.ReplyWith(func(m bot.Message) bot.Reply {
		cancel() // while the next line is being waited for
		return bot.Reply{Texts: []string{m.Text}, Lang: "zh-CN"}
	})
	mount, err := terminal.New(in, io.Discard, terminal.Options{NewID: func() string { return "line" }}).Mount(host)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(feed, "一\n") }()
	if err := mount.Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestBrokenEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*terminal.Terminal{
		"output closed": terminal.New(adaptertest.Body(10), closed{}, terminal.Options{NewID: func() string { return "line" }}),
		"input broken":  terminal.New(broken{}, io.Discard, terminal.Options{NewID: func() string { return "line" }}),
	} {
		mount, err := c.Mount(newHost(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := mount.Run(t.Context()); bot.CodeOf(err) != bot.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := terminal.New(nil, nil, terminal.Options{}).Mount(newHost(t)); bot.CodeOf(err) != bot.Internal {
		t.Errorf("without ids: %v", err)
	}
}
