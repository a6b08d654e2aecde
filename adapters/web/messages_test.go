package web_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"yilu/adapters/adaptertest"
	"yilu/bot"
)

func TestErrorsNameTheField(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]string{
		`{"id":"message-1","text":1}`:    {"invalid", "text"},
		`{"id":1,"text":"a"}`:            {"invalid", "id"},
		`{"id":"message-1","choice":[]}`: {"invalid", "choice"},
		`{"text":"a"}`:                   {"invalid", "id"},
		`null`:                           {"invalid", "id"},
		`{"id":"message-1"}`:             {"invalid", "text"},
		`{`:                              {"invalid", ""},
		`{"id":"message-1","text":"` + strings.Repeat("长", bot.MaxText+1) + `"}`: {"too_long", "text"},
		`{"id":"message-1","text":"` + strings.Repeat("a", 70<<10) + `"}`:        {"too_large", ""},
	} {
		_, h := channel(t).Mount(t)
		w := adaptertest.Do(t, h, post(strings.NewReader(body), "application/json"))
		var got struct {
			Error struct{ Code, Field, Detail, Say string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%.40s: %v", body, err)
		}
		if e := got.Error; e.Code != want[0] || e.Field != want[1] || e.Detail == "" || e.Say == "" {
			t.Errorf("%.40s: %+v", body, e)
		}
	}
}

func TestChoiceOfScript(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	r := known(post(strings.NewReader(`{"id":"message-1","choice":"go:jobs","later":{"unknown":true}}`), "application/json; charset=utf-8"))
	w := adaptertest.Do(t, h, r)
	if turns := host.Turns(); w.Code != 200 || len(turns) != 1 || turns[0].Choice != "go:jobs" || turns[0].ID != "message-1" || turns[0].From.Channel != "web" {
		t.Errorf("status %d, turns %v", w.Code, turns)
	}
}

func TestUnkeptSaysWhen(t *testing.T) {
	t.Parallel()
	host, h := channel(t).Mount(t)
	host.FailNext(outage)
	w := adaptertest.Do(t, h, deliver("message-1", "p", "一"))
	if w.Code != 503 || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), `"code":"unavailable"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// FuzzMessages carries T28 for the web: no body makes anything but a turn or a refusal that names its fault.
func FuzzMessages(f *testing.F) {
	for _, text := range adaptertest.Awkward {
		raw, _ := json.Marshal(map[string]string{"id": "message-1", "text": text})
		f.Add(raw)
	}
	for _, s := range []string{``, `{}`, `null`, `[`, `{"id":"message-1","choice":"a"}`, `{"ID":"message-1","TEXT":"a"}`, `{"id":"message-1","text":"\ud800"}`} {
		f.Add([]byte(s))
	}
	ch := channel(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		host, h := ch.Mount(t)
		w := adaptertest.Do(t, h, known(post(strings.NewReader(string(body)), "application/json")))
		asked := host.Calls()
		switch {
		case w.Code == 200 && asked == 1:
			m := host.Turns()[0]
			if m.Text+m.Choice == "" || !utf8.ValidString(m.Text) || bot.Clean(m.Text) != m.Text || len(m.ID) < 8 || len(m.Choice) > 64 {
				t.Errorf("%q became %+v", body, m)
			}
		case (w.Code == 400 || w.Code == 413) && asked == 0:
			var got struct{ Error struct{ Code, Say string } }
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Error.Code == "" || got.Error.Say == "" {
				t.Errorf("%q: %s", body, w.Body)
			}
		default:
			t.Errorf("%q: status %d, %d calls", body, w.Code, asked)
		}
	})
}
