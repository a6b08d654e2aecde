package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"yilu/adapters/adaptertest"
	"yilu/adapters/telegram/telegramtest"
	"yilu/bot"
)

var update = flag.Bool("update", false, "write the golden files anew")

var replies = map[string]bot.Reply{
	"01 text":                {Texts: []string{"【示例】一段话。"}, Lang: "zh-CN"},
	"02 paragraphs":          {Texts: []string{"一", "", "二\n三"}, Lang: "zh-CN"},
	"03 progress":            {Texts: []string{"您叫什么？"}, Progress: "第 1 步，共 6 步", Lang: "zh-CN"},
	"04 no markup":           {Texts: []string{"<b>*_[x](https://a.example)`</b> & /start @name"}, Lang: "zh-CN"},
	"05 choices":             {Texts: []string{"？"}, Choices: choices("是", "不是", "我想先看看都有什么活再说", "跳过", "返回"), Lang: "zh-CN"},
	"06 eight Han wide":      {Texts: []string{"？"}, Choices: choices("一二三四五六七八", "一二三四五六七八", "一二三四五六七八九", "一"), Lang: "zh-CN"},
	"07 sixteen Latin wide":  {Texts: []string{"?"}, Choices: choices("Sixteen letters!", "Find work", "Seventeen letters", "No"), Lang: "en"},
	"08 phone":               {Texts: []string{"手机号？"}, Want: bot.Phone, Choices: choices("跳过", "返回"), Lang: "zh-CN"},
	"09 phone, English":      {Texts: []string{"Phone?"}, Want: bot.Phone, Lang: "en"},
	"10 place":               {Texts: []string{"想在哪里干？"}, Want: bot.Areas, Choices: choices("思明", "湖里", "集美"), Lang: "zh-CN"},
	"11 another want":        {Texts: []string{"叫什么？"}, Want: bot.PersonName, Lang: "zh-CN"},
	"12 choices alone":       {Choices: choices("是", "不是"), Lang: "zh-CN"},
	"13 nothing":             {Lang: "zh-CN"},
	"14 blank":               {Texts: []string{" ", "\n"}, Lang: "zh-CN"},
	"15 longest send":        {Texts: []string{"？"}, Choices: []bot.Choice{{Label: "是", Send: strings.Repeat("a", 64)}}, Lang: "zh-CN"},
	"16 unknown language":    {Texts: []string{"？"}, Want: bot.Areas, Lang: "fr"},
	"17 keyboard and choice": {Texts: []string{"？"}, Want: bot.Areas, Choices: choices("思明", "我想先看看都有什么活再说"), Lang: "zh-CN"},
}

func choices(labels ...string) []bot.Choice {
	out := make([]bot.Choice, len(labels))
	for i, l := range labels {
		out[i] = bot.Choice{Label: l, Send: fmt.Sprintf("c:x/y/%d", i)}
	}
	return out
}

// rendered is the body with which a reply is answered.
func rendered(t testing.TB, reply bot.Reply) (body []byte, log string) {
	t.Helper()
	host, h := channel(t).Mount(t)
	host.ReplyWith(func(bot.Message) bot.Reply { return reply })
	w := adaptertest.Do(t, h, post(secret, telegramtest.Text(1, 1, 7, "zh-hans", "x")))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if kind := w.Header().Get("Content-Type"); w.Body.Len() > 0 && kind != "application/json" {
		t.Errorf("content type %q", kind)
	}
	return w.Body.Bytes(), host.Logged()
}

// TestRender holds the bodies to testdata/render.golden.
func TestRender(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(replies)) {
		body, log := rendered(t, replies[name])
		if log != "" {
			t.Errorf("%s: logged %s", name, log)
		}
		if _, err := telegramtest.Answer(body); err != nil {
			t.Errorf("%s: Telegram would refuse it: %v", name, err)
		}
		fmt.Fprintf(&got, "# %s\n", name)
		if len(body) > 0 {
			var indented bytes.Buffer
			if err := json.Indent(&indented, body, "", " "); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "%s\n", indented.Bytes())
		}
	}
	const path = "testdata/render.golden"
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("not as in %s; look at the difference after -update", path)
	}
}

// TestRenderLimits: what is over a limit of Telegram's, which no dialogue should come to, costs the surplus and not the
// answer, and is told to the operator.
func TestRenderLimits(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]bot.Reply{
		"send too long": {Texts: []string{"？"}, Choices: []bot.Choice{{Label: "是", Send: strings.Repeat("a", 65)}, {Label: "不是", Send: "b"}}, Lang: "zh-CN"},
		"no send":       {Texts: []string{"？"}, Choices: []bot.Choice{{Label: "是"}, {Label: "不是", Send: "b"}}, Lang: "zh-CN"},
		"no label":      {Texts: []string{"？"}, Choices: []bot.Choice{{Label: " ", Send: "a"}, {Label: "不是", Send: "b"}}, Lang: "zh-CN"},
	} {
		body, log := rendered(t, reply)
		shown, err := telegramtest.Answer(body)
		if err != nil || len(shown.Buttons) != 1 || shown.Buttons[0][0].Data != "b" {
			t.Errorf("%s: %v %+v", name, err, shown)
		}
		if !strings.Contains(log, "left_out") || strings.Contains(log, "不是") {
			t.Errorf("%s: logged %s", name, log)
		}
	}
}

// TestLongText: a text that cannot be cut between choices is still no longer than Telegram takes, and no half of a
// character is sent.
func TestLongText(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"Han":           strings.Repeat("长", 5000),
		"Latin":         strings.Repeat("a", 4097),
		"emoji":         "a" + strings.Repeat("👷", 3000),
		"just fits":     strings.Repeat("长", 4096),
		"emoji that go": strings.Repeat("👷", 2048),
	} {
		h := &unbounded{Host: adaptertest.NewHost(t, texts(t), langs...), reply: bot.Reply{Texts: []string{text}, Lang: "zh-CN"}}
		routes := mountOn(t, h, h.Host)
		w := adaptertest.Do(t, routes, post(secret, telegramtest.Text(1, 1, 7, "zh-hans", "x")))
		shown, err := telegramtest.Answer(w.Body.Bytes())
		n := len(utf16.Encode([]rune(shown.Text)))
		if err != nil || !strings.HasPrefix(text, shown.Text) || n < min(4095, len(utf16.Encode([]rune(text)))) {
			t.Errorf("%s: %v, %d units", name, err, n)
		}
	}
}

// unbounded is a host that does not care for the room.
type unbounded struct {
	*adaptertest.Host
	reply bot.Reply
}

func (u *unbounded) Turn(context.Context, bot.Message) (bot.Reply, error) { return u.reply, nil }
