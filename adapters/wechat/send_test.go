package wechat_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// apiInvalid fails unless err is an Error of code Invalid that names the field and quotes nothing.
func apiInvalid(t testing.TB, err error, field string) {
	t.Helper()
	if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), field) {
		t.Errorf("%v: want Invalid with %s", err, field)
	}
	noSecret(t, fmt.Sprintf("%v %#v", err, err))
}

// TestCustomerText: a text arrives as it was written, angle brackets too.
func TestCustomerText(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	text := `看这里 <a href="https://chat.example.com/?a=1&b=2">岗位</a> & "引号" \ 👷‍♂️` + "\n第二行"
	if sent, err := k.CustomerText(t.Context(), apiPerson, text); sent != 1 || err != nil {
		t.Fatal(sent, err)
	}
	got := k.api.Sent()
	if len(got) != 1 || got[0].Text != text || got[0].To[0] != apiPerson {
		t.Errorf("%+v", got)
	}
	if raw := string(got[0].Body); !strings.Contains(raw, "<a href=") || strings.Contains(raw, `\u00`) {
		t.Errorf("it went out escaped: %s", raw)
	}
	var body map[string]any
	if err := json.Unmarshal(got[0].Body, &body); err != nil || len(body) != 3 || body["msgtype"] != "text" {
		t.Errorf("%v %v", body, err)
	}
}

// TestTextParts: no part is too long or cut within a character, nothing readable is lost, lines stay whole where they
// can, and the parts of the same text are the same.
func TestTextParts(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("瓦工", 50) // 300 bytes
	for name, c := range map[string]struct {
		text  string
		parts int
	}{
		"nothing":         {" \n\t ", 0},
		"short":           {"好", 1},
		"just fits":       {strings.Repeat("a", 2048), 1},
		"one more":        {strings.Repeat("a", 2049), 2},
		"characters":      {strings.Repeat("活", 683), 2}, // 2,049 bytes
		"emoji":           {strings.Repeat("👷", 513), 2},
		"lines":           {strings.Repeat(line+"\n", 14), 3},
		"empty lines":     {"a" + strings.Repeat("\n", 5000) + "b", 2},
		"line and a half": {line + "\n" + strings.Repeat("活", 700), 3},
		"broken utf-8":    {strings.Repeat("活\xff", 600), 2},
		"long":            {strings.Repeat("我要找活", 5000), 30},
		"turned":          {"\u202e" + strings.Repeat("a", 2048), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts := wechat.TextParts(c.text)
			if len(parts) != c.parts {
				t.Errorf("%d parts, want %d", len(parts), c.parts)
			}
			squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
			if squeeze(strings.Join(parts, "")) != squeeze(bot.Clean(c.text)) {
				t.Error("something is lost or added")
			}
			for i, p := range parts {
				if p == "" || len(p) > 2048 || !utf8.ValidString(p) {
					t.Errorf("part %d has %d bytes", i, len(p))
				}
				if strings.HasPrefix(name, "lines") && (len(p)+1)%301 != 0 {
					t.Errorf("part %d is cut within a line", i)
				}
			}
		})
	}
}

// TestCustomerTextStopsAtFault: what went out is counted, and the rest can be sent later without a doubled or a lost
// part.
func TestCustomerTextStopsAtFault(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	k.api.LimitCustomers()
	k.api.Clicked(apiPerson) // three
	text := strings.Repeat("我要找活", 1000)
	parts := wechat.TextParts(text)
	sent, err := k.CustomerText(t.Context(), apiPerson, text)
	if f := apiFault(t, err); sent != 3 || f.Fault != bot.WindowClosed || f.Code != 45047 || f.Again() {
		t.Fatal(sent, f)
	}
	k.api.Wrote(apiPerson)
	for _, p := range parts[sent:] {
		if _, err := k.CustomerText(t.Context(), apiPerson, p); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, m := range k.api.Sent() {
		got = append(got, m.Text)
	}
	if strings.Join(got, "") != text {
		t.Error("what arrived is another text")
	}
	k.clock.Advance(49 * time.Hour)
	if f := apiFault(t, k.CustomerTyping(t.Context(), apiPerson)); f.Fault != bot.WindowClosed || f.Code != 45015 {
		t.Error(f)
	}
}

// TestUncertainIsNotRepeated: where the answer is lost after the message was taken, the client says that it may have
// been sent, and has sent it once.
func TestUncertainIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, lost := range []wechattest.Fault{{Drop: true, After: true}, {Status: 504, After: true}, {Body: "<html>", After: true}} {
		k := newAPIKit(t)
		k.api.Fail("message/custom/send", lost, 1)
		sent, err := k.CustomerText(t.Context(), apiPerson, apiText)
		if f := apiFault(t, err); sent != 0 || f.Fault != bot.Uncertain || f.Again() {
			t.Error(sent, f)
		}
		if n := len(k.api.Sent()); n != 1 {
			t.Errorf("sent %d times", n)
		}
	}
}

// TestUnverified: an account that is not verified is told so.
func TestUnverified(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	k.api.SetVerified(false)
	for kind, call := range apiCalls {
		if kind == "current menu" || kind == "file" {
			continue
		}
		if f := apiFault(t, call.do(t.Context(), k.Client)); f.Fault != bot.NotAllowed || !strings.Contains(f.Say, "verified") {
			t.Errorf("%s: %v", kind, f)
		}
	}
}

// TestTemplate: the values arrive, and the same key within ten minutes is one message.
func TestTemplate(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	m := wechat.TemplateMessage{
		ToUser: apiPerson, TemplateID: "T1", URL: "https://chat.example.com/?a=1&b=2", ClientMsgID: "BM1123-1",
		Data: map[string]string{"thing1": "【示例】报名结果", "time2": "2026年11月24日 08:00"},
	}
	k.api.Fail("message/template/send", wechattest.Fault{Drop: true, After: true}, 1)
	_, err := k.Template(t.Context(), m)
	if f := apiFault(t, err); f.Fault != bot.Uncertain {
		t.Error(f)
	}
	id, err := k.Template(t.Context(), m)
	if err != nil || id == 0 || len(k.api.Sent()) != 1 || k.api.Sent()[0].ID != id {
		t.Errorf("%d %v %+v", id, err, k.api.Sent())
	}
	want := `{"touser":"` + apiPerson + `","template_id":"T1","url":"https://chat.example.com/?a=1&b=2","client_msg_id":"BM1123-1","data":{"thing1":{"value":"【示例】报名结果"},"time2":{"value":"2026年11月24日 08:00"}}}`
	if got := strings.TrimSpace(string(k.api.Sent()[0].Body)); got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
	k.api.Refuse(apiPerson, 43004)
	_, err = k.Template(t.Context(), m)
	if f := apiFault(t, err); f.Fault != bot.Unreachable {
		t.Error(f)
	}
}

// TestSubscription: no empty mini program goes out, and a refusal is no consent.
func TestSubscription(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	m := wechat.SubscriptionMessage{ToUser: apiPerson, TemplateID: "T1", Data: map[string]string{"phrase3": "通过"}}
	if err := k.Subscription(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if raw := string(k.api.Sent()[0].Body); strings.Contains(raw, "miniprogram") || strings.Contains(raw, "page") {
		t.Errorf("sent %s", raw)
	}
	m.Mini = &wechat.MiniProgram{AppID: "wx9", PagePath: "pages/a"}
	if err := k.Subscription(t.Context(), m); err != nil || !strings.Contains(string(k.api.Sent()[1].Body), `"miniprogram":{"appid":"wx9","pagepath":"pages/a"}`) {
		t.Error(err)
	}
	k.api.Refuse(apiPerson, 43101)
	if f := apiFault(t, k.Subscription(t.Context(), m)); f.Fault != bot.NoConsent {
		t.Error(f)
	}
}

// TestMass: one key is one message, however often it is sent and whatever was lost on the way.
func TestMass(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	people := []string{apiPerson, apiPerson + "2"}
	k.api.Fail("message/mass/send", wechattest.Fault{Drop: true, After: true}, 1)
	_, err := k.Mass(t.Context(), people, apiText, "broadcast-1")
	if f := apiFault(t, err); f.Fault != bot.Busy || f.RetryAfter != time.Minute {
		t.Error(f)
	}
	id, err := k.Mass(t.Context(), people, apiText, "broadcast-1")
	if f := apiFault(t, err); f.Fault != bot.AlreadySent || id == 0 || id != k.api.Sent()[0].ID {
		t.Errorf("%d %v", id, f)
	}
	if id, err = k.Mass(t.Context(), people, apiText, "broadcast-2"); err != nil || id != k.api.Sent()[1].ID || len(k.api.Sent()) != 2 {
		t.Errorf("%d %v", id, err)
	}
	k.api.Fail("message/mass/send", wechattest.Fault{Code: 45028}, 1)
	_, err = k.Mass(t.Context(), people, apiText, "broadcast-3")
	if f := apiFault(t, err); f.Fault != bot.QuotaSpent || f.RetryAfter != 3*time.Hour+45*time.Minute {
		t.Error(f)
	}
}

// TestLimitsBeforeSending: what the platform would refuse is not sent, and the field is named.
func TestLimitsBeforeSending(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	ctx := t.Context()
	many := make([]string, 10_001)
	for i := range many {
		many[i] = fmt.Sprintf("%s%05d", apiPerson, i)
	}
	for name, c := range map[string]struct {
		field string
		do    func() error
	}{
		"nobody":           {"touser", func() error { _, err := k.CustomerText(ctx, "", apiText); return err }},
		"no openid":        {"touser", func() error { _, err := k.CustomerText(ctx, apiPerson+` "`, apiText); return err }},
		"nothing said":     {"text.content", func() error { _, err := k.CustomerText(ctx, apiPerson, " \n"); return err }},
		"typing to nobody": {"touser", func() error { return k.CustomerTyping(ctx, "") }},
		"template nobody":  {"touser", func() error { _, err := k.Template(ctx, wechat.TemplateMessage{}); return err }},
		"template none": {"template_id", func() error {
			_, err := k.Template(ctx, wechat.TemplateMessage{ToUser: apiPerson, Data: map[string]string{"thing1": "x"}})
			return err
		}},
		"template key": {"client_msg_id", func() error {
			_, err := k.Template(ctx, wechat.TemplateMessage{ToUser: apiPerson, ClientMsgID: strings.Repeat("k", 33)})
			return err
		}},
		"template url": {"url", func() error {
			_, err := k.Template(ctx, wechat.TemplateMessage{ToUser: apiPerson, TemplateID: "T1", URL: "javascript:TEXT-MARK"})
			return err
		}},
		"template empty": {"data", func() error {
			_, err := k.Template(ctx, wechat.TemplateMessage{ToUser: apiPerson, TemplateID: "T1"})
			return err
		}},
		"value empty": {"data.thing1", func() error {
			return k.Subscription(ctx, wechat.SubscriptionMessage{ToUser: apiPerson, TemplateID: "T1", Data: map[string]string{"thing1": " "}})
		}},
		"thing too long": {"data.thing12", func() error {
			return k.Subscription(ctx, wechat.SubscriptionMessage{ToUser: apiPerson, TemplateID: "T1", Data: map[string]string{"thing12": "TEXT-MARK" + strings.Repeat("活", 12)}})
		}},
		"phrase too long": {"data.phrase1", func() error {
			return k.Subscription(ctx, wechat.SubscriptionMessage{ToUser: apiPerson, TemplateID: "T1", Data: map[string]string{"phrase1": "已经报名成功"}})
		}},
		"page too long": {"page", func() error {
			return k.Subscription(ctx, wechat.SubscriptionMessage{ToUser: apiPerson, TemplateID: "T1", Page: strings.Repeat("p", 1025)})
		}},
		"mass to one":      {"touser", func() error { _, err := k.Mass(ctx, many[:1], apiText, "k"); return err }},
		"mass to too many": {"touser", func() error { _, err := k.Mass(ctx, many, apiText, "k"); return err }},
		"mass twice":       {"touser[2]", func() error { _, err := k.Mass(ctx, append(many[:2:2], many[0]), apiText, "k"); return err }},
		"mass to no id":    {"touser[1]", func() error { _, err := k.Mass(ctx, []string{many[0], "TEXT-MARK!"}, apiText, "k"); return err }},
		"mass of nothing":  {"text.content", func() error { _, err := k.Mass(ctx, many[:2], "\n", "k"); return err }},
		"mass too long":    {"text.content", func() error { _, err := k.Mass(ctx, many[:2], strings.Repeat("活", 683), "k"); return err }},
		"mass without key": {"clientmsgid", func() error { _, err := k.Mass(ctx, many[:2], apiText, ""); return err }},
		"mass, long key":   {"clientmsgid", func() error { _, err := k.Mass(ctx, many[:2], apiText, strings.Repeat("k", 65)); return err }},
	} {
		t.Run(name, func(t *testing.T) { apiInvalid(t, c.do(), c.field) })
	}
	if n := k.api.Calls("stable_token"); n != 0 {
		t.Errorf("the platform was called %d times", n)
	}
	if _, err := k.Mass(ctx, many[:10_000], apiText, "k"); err != nil {
		t.Error(err)
	}
}
