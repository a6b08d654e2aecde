package wechat_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/bot"
)

// kind is a message or event of testdata/kinds.json, and the turn that it becomes; nil if none.
type kind struct {
	Name, XML string
	Want      *struct {
		ID, Text, Choice, Scene string
		Event                   bot.Event
		Heard                   bool
		Seq                     int64
		Point                   *bot.Point
		Files                   []bot.File
	}
}

// TestKinds holds every kind of message and event to what it becomes, in every mode.
func TestKinds(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/kinds.json")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []kind
	if err := json.Unmarshal(raw, &kinds); err != nil || len(kinds) < 30 {
		t.Fatalf("%d kinds: %v", len(kinds), err)
	}
	for name, mode := range modes {
		for _, k := range kinds {
			t.Run(k.Name+", "+name, func(t *testing.T) {
				t.Parallel()
				a := account(mode)
				a.AppSecret = "SecretMarker" // with it, files can be fetched
				host, h := mount(t, a)
				host.ReplyWith(func(m bot.Message) bot.Reply {
					if m.Event == bot.Left {
						return bot.Reply{}
					}
					return bot.Reply{Texts: []string{"好"}}
				})
				xml := `<xml><ToUserName><![CDATA[` + a.OriginalID + `]]></ToUserName><FromUserName><![CDATA[` + openid + `]]></FromUserName><CreateTime>1795392300</CreateTime>` + k.XML + `</xml>`
				first := adaptertest.Do(t, h, a.Deliver(target, now, "1", []byte(xml)))
				again := adaptertest.Do(t, h, a.Deliver(target, now, "2", []byte(xml)))
				if first.Code != 200 || first.Body.String() != again.Body.String() {
					t.Fatalf("status %d, %s, then %s: %s", first.Code, first.Body, again.Body, host.Logged())
				}
				answer := shown(t, a, first.Body.Bytes())
				turns := host.Turns()
				if k.Want == nil {
					if len(turns) != 0 || host.Calls() != 0 || first.Body.String() != "success" {
						t.Errorf("turns %v, answered %s", turns, first.Body)
					}
					return
				}
				if len(turns) != 1 || answer.Success != (k.Want.Event == bot.Left) {
					t.Fatalf("turns %v, answered %s", turns, first.Body)
				}
				got := turns[0]
				want := bot.Message{
					ID: k.Want.ID, Text: k.Want.Text, Choice: k.Want.Choice, Event: k.Want.Event, Scene: k.Want.Scene, Heard: k.Want.Heard, Point: k.Want.Point, Files: k.Want.Files,
					From: bot.Identity{Channel: "wechat", User: openid}, Order: bot.Order{Time: now.Unix(), Seq: k.Want.Seq}, Room: 2048, At: now,
				}
				if want.ID == "e-" && regexp.MustCompile(`^e-[0-9a-f]{32}$`).MatchString(got.ID) {
					want.ID = got.ID
				}
				equal(t, got, want)
			})
		}
	}
}

// equal compares what a message's own String leaves out.
func equal(t testing.TB, got, want bot.Message) {
	t.Helper()
	if !got.At.Equal(want.At) {
		t.Errorf("at %v, want %v", got.At, want.At)
	}
	got.At = want.At
	for i := range got.Files {
		if i < len(want.Files) && got.Files[i].Till.Equal(want.Files[i].Till) {
			got.Files[i].Till = want.Files[i].Till
		}
	}
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		if !reflect.DeepEqual(g.Field(i).Interface(), w.Field(i).Interface()) {
			t.Errorf("%s: %+v, want %+v", g.Type().Field(i).Name, g.Field(i), w.Field(i))
		}
	}
}

// TestEventsApart holds that two events of one person are one only if all is the same of which WeChat says that it tells
// them apart.
func TestEventsApart(t *testing.T) {
	t.Parallel()
	a := account(modes["safe"])
	host, h := mount(t, a)
	for i, xml := range [][]byte{
		a.Event(openid, "CLICK", "go:jobs", now),
		a.Event(openid, "CLICK", "go:jobs", now), // again
		a.Event(openid, "CLICK", "go:register", now),
		a.Event(openid, "CLICK", "go:jobs", now.Add(time.Second)),
		a.Event(openid, "SCAN", "go:jobs", now),
		a.Event(strings.Replace(openid, "1", "2", 1), "CLICK", "go:jobs", now),
	} {
		adaptertest.Do(t, h, a.Deliver(target, now, number(string(rune('a'+i))), xml))
	}
	ids := map[string]bool{}
	for _, m := range host.Turns() {
		ids[m.ID] = true
	}
	if len(host.Turns()) != 5 || len(ids) != 5 {
		t.Errorf("%d turns, %d ids", len(host.Turns()), len(ids))
	}
}

// TestNothingToFetchWith holds that without YILU_WECHAT_APP_SECRET nobody is told that what they sent was kept.
func TestNothingToFetchWith(t *testing.T) {
	t.Parallel()
	a := account(modes["safe"])
	a.AppSecret = ""
	for name, c := range map[string]struct {
		xml  []byte
		want bot.Message
	}{
		"photo":  {a.Image(openid, "1", now, "m1"), bot.Message{Event: bot.Unreadable}},
		"voice":  {a.Voice(openid, "2", now, "m1", ""), bot.Message{Event: bot.Unreadable}},
		"spoken": {a.Voice(openid, "3", now, "m1", "找活"), bot.Message{Text: "找活", Heard: true}},
	} {
		host, h := mount(t, a)
		adaptertest.Do(t, h, a.Deliver(target, now, "1", c.xml))
		turns := host.Turns()
		if len(turns) != 1 || len(turns[0].Files) != 0 || turns[0].Event != c.want.Event || turns[0].Text != c.want.Text || turns[0].Heard != c.want.Heard {
			t.Errorf("%s: %+v", name, turns)
		}
	}
}

// TestTooMuch holds that what is longer than it may be is left out where the rest still says something.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	a := account(modes["safe"])
	a.AppSecret = "SecretMarker"
	long := strings.Repeat("长", bot.MaxText)
	for name, c := range map[string]struct {
		xml  []byte
		want bot.Message
	}{
		"recognition": {a.Voice(openid, "1", now, "m1", long+"长"), bot.Message{Files: []bot.File{{}}}},
		"address":     {a.Link(openid, "1", now, "招瓦工", "", "https://jobs.example/"+long), bot.Message{Text: "招瓦工"}},
		"label":       {a.Location(openid, "1", now, 24.5, 118.25, strings.Repeat("长", 201)), bot.Message{Point: &bot.Point{Lat: 24.5, Lng: 118.25}}},
	} {
		host, h := mount(t, a)
		w := adaptertest.Do(t, h, a.Deliver(target, now, "1", c.xml))
		turns := host.Turns()
		if w.Code != 200 || len(turns) != 1 {
			t.Fatalf("%s: status %d, turns %v", name, w.Code, turns)
		}
		got := turns[0]
		if got.Text != c.want.Text || got.Heard || got.Event != "" || !reflect.DeepEqual(got.Point, c.want.Point) || len(got.Files) != len(c.want.Files) {
			t.Errorf("%s: %q %v, %d files", name, got.Text, got.Point, len(got.Files))
		}
	}
	host, h := mount(t, a)
	w := adaptertest.Do(t, h, a.Deliver(target, now, "1", a.Link(openid, "1", now, long+"长", "", "x")))
	if p := shown(t, a, w.Body.Bytes()); host.Calls() != 0 || p.Content != texts(t)["zh-CN"]["wechat.too_long"] {
		t.Errorf("a title that is too long: %d calls, %+v", host.Calls(), p)
	}
}
