package bot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yilu/bot"
)

const secret = "13805921234"

// However a personal value, or something that holds one, is printed, logged or marshalled, it does not show.
func TestPersonalStaysClosed(t *testing.T) {
	t.Parallel()
	p := bot.NewPersonal(secret)
	answer, err := bot.NewAnswer(p)
	if err != nil {
		t.Fatal(err)
	}
	message := bot.Message{ID: "1", Text: secret}
	entry := bot.Entry{ID: "e", Kind: "k", Data: json.RawMessage(secret)}
	holders := []any{
		p, &p, []bot.Personal{p}, map[string]bot.Personal{"a": p}, struct{ P bot.Personal }{p},
		bot.Worker{Name: p, Phone: p}, bot.SaveWorker{Phone: p}, bot.Slots{Phone: p}, bot.Parsed{Value: p},
		answer, bot.Fields{"phone": answer}, message, &message, entry, bot.Exchange{Said: secret},
	}
	for _, h := range holders {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", h)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", h)
		shown := []string{log.String()}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			shown = append(shown, fmt.Sprintf(verb, h))
		}
		for _, s := range shown {
			// The JSON log of a struct that is no slog.LogValuer marshals it: what is personal in it is a mask.
			if strings.Contains(s, secret) || strings.Contains(s, fmt.Sprintf("%x", secret)) {
				t.Errorf("%T shows: %s", h, s)
			}
		}
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "", "陈": "*", "陈建国": "陈**", secret: "138****1234", "350299198503121015": "3502**********1015",
	} {
		if got := bot.NewPersonal(value).Masked(); got != want {
			t.Errorf("%q is masked as %q, want %q", value, got, want)
		}
	}
}

// Pack opens everything for storage, and what it wrote reads back the same.
func TestPackKeepsEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := bot.SaveWorker{
			Name: bot.NewPersonal(rapid.String().Draw(t, "name")), Phone: bot.NewPersonal(rapid.StringMatching(`1[3-9]\d{9}`).Draw(t, "phone")),
			Trades: []bot.TradeID{"t02"}, Places: []bot.Place{{District: bot.Tongan, Name: rapid.StringMatching(`\p{Han}{0,4}`).Draw(t, "place")}},
			Pay: bot.Pay{Min: rapid.Int64Range(0, 1e9).Draw(t, "pay"), Unit: bot.PerDay}, Complete: rapid.Bool().Draw(t, "complete"),
		}
		raw, err := bot.Pack(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := bot.DecodeEffect(in.Kind(), raw)
		if err != nil {
			t.Fatal(err)
		}
		if want := in; !reflect.DeepEqual(out, want) {
			t.Fatalf("%s\n%#v", raw, out)
		}
	})
}

func TestUnknownEffectIsNamed(t *testing.T) {
	t.Parallel()
	if _, err := bot.DecodeEffect("from_the_future", []byte("{}")); bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), "from_the_future") {
		t.Error(err)
	}
}

// TestPackEmbedded holds that the fields of an embedded struct are packed as the struct's own, where encoding/json
// reads them.
func TestPackEmbedded(t *testing.T) {
	t.Parallel()
	kept := bot.KeepFile{File: bot.File{Ref: "r", Kind: bot.Voice, Name: bot.NewPersonal("n"), Size: 7}, Number: "RG1"}
	raw, err := bot.Pack(kept)
	if err != nil {
		t.Fatal(err)
	}
	type plain struct {
		Big int64 `json:"big"`
	}
	type mixed struct {
		plain
		Name bot.Personal `json:"name"`
	}
	both, err := bot.Pack(mixed{plain{1 << 60}, bot.NewPersonal("n")})
	if err != nil || string(both) != `{"big":1152921504606846976,"name":"n"}` {
		t.Errorf("%s: %v", both, err)
	}
	var back bot.KeepFile
	if err := json.Unmarshal(raw, &back); err != nil || back != kept {
		t.Errorf("%s: %v", raw, err)
	}
}
