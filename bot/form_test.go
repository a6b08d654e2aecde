package bot_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"yilu/bot"
)

type formed struct {
	Text   string         `json:"text"`
	Name   bot.Personal   `json:"name"`
	Yes    bool           `json:"yes"`
	Small  int8           `json:"small"`
	Count  int            `json:"count"`
	Trades []bot.TradeID  `json:"trades"`
	Posts  []bot.PostID   `json:"posts"`
	Places []bot.Place    `json:"places"`
	Pay    bot.Pay        `json:"pay"`
	Birth  bot.Birth      `json:"birth"`
	Date   bot.Date       `json:"date"`
	Names  []bot.Personal `json:"names"`
	Bytes  []byte         `json:"bytes"`
	Float  float64        `json:"float"`
	Any    any            `json:"any"`
	Pays   []bot.Pay      `json:"pays"`
	Own    loud           `json:"own"`
	Owns   []loud         `json:"owns"`
	Deep   struct {
		List []string `json:"list"`
		Own  loud     `json:"own"`
	} `json:"deep"`
}

// loud is read in a way of its own.
type loud string

func (l *loud) UnmarshalText(text []byte) error {
	*l = loud(strings.ToUpper(string(text)))
	return nil
}

// written is JSON as it may stand in a session, in plain ways and in odd ones.
var written = []string{
	`null`, `""`, `"a"`, `"【示例】"`, `"a\"b"`, `"\u003cb\u003e"`, `"<b>&"`, `"\\"`, `"a b"`, `"\ud83d\ude00"`, "\"\xff\"", "\"\u2028\"", `"a,b"`,
	`true`, `false`, `0`, `-0`, `1`, `-1`, `12`, `300`, `1e2`, `1.0`, `1.5`, `123456789012345678`, `-123456789012345678`, `1234567890123456789`, `99999999999999999999`, `9999999999999999999`, `9223372036854775808`,
	`[]`, `["a"]`, `["a","b"]`, `["a,b","\"c\""]`, `["",""]`, `[","]`, `[null]`, `["a",null]`, `["a",1]`, `[1]`, `[["a"]]`, `[ "a" , "b" ]`, `["t02","t56","t66"]`, `["【示例】","\u0041"]`,
	`[{"min":1,"unit":"day"},{"min":2}]`, `{"min":1,"min":2}`, `{"unit":null}`, `{"on":"2026-11-23","age":40}`, `{"year":"x"}`, `{"list":["a","b"],"list":[null]}`, `{"own":"a"}`, `{"list":["a"],"own":"b"}`, `{"list":[["a"]]}`, `[{}]`, `[{},{}]`, `{"min":1.5}`,
	`[{"district":"jimei","name":"a,{"},{"district":"<"}]`, `"YWI="`, `{}`, `{"min":1,"max":2,"unit":"day"}`, `{"MIN":3}`, `{"year":1968}`, `[{"district":"jimei"}]`, `[{"district":"jimei","name":"【示例】"}]`, `{"a":1}`, ` "a" `, ` 1`,
}

// A form is read as encoding/json would read it, faults included.
func TestFormIsReadAsJSON(t *testing.T) {
	t.Parallel()
	for i := range reflect.TypeFor[formed]().NumField() {
		name := reflect.TypeFor[formed]().Field(i).Tag.Get("json")
		for _, field := range []string{name, name[:1] + "X" + name[1:], "@" + name, "T" + name[1:]} {
			for _, raw := range written {
				answers := bot.Fields{"count": answer(t, `7`), "trades": answer(t, `["t02"]`)}
				answers[field] = answer(t, raw)
				var want formed
				all, err := json.Marshal(answers)
				if err == nil {
					err = json.Unmarshal(all, &want)
				}
				got, gotErr := bot.FormOf[formed](&bot.Turn{Form: answers})
				if !reflect.DeepEqual(got, want) || (err == nil) != (gotErr == nil) {
					t.Errorf("%s: %s: %#v %v, want %#v %v", field, raw, got, gotErr, want, err)
				}
			}
		}
	}
}

// An answer is kept as Pack writes it, and read back as encoding/json would.
func TestAnswerIsKeptAsJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "a", "【示例】", `"`, `\`, "<b>", "a&b", "\n", "\x00", "\x7f", "\u2028", "…", "\xff", "😀", "a\xe4", "138 0000 0000",
	} {
		for _, v := range []any{
			text, bot.NewPersonal(text), bot.Settle(text), bot.Shift(text), bot.Date(text), bot.Clock(text), bot.PostID(text),
			[]bot.TradeID{bot.TradeID(text)}, []bot.PostID{"a", bot.PostID(text)}, []bot.TradeID{}, []bot.PostID(nil), []string{text},
			true, false, len(text), -1, int64(1), bot.Pay{Min: 1}, []bot.Place{{Name: text}}, nil,
		} {
			if v == nil {
				continue
			}
			want, wantErr := bot.Pack(v)
			got, err := bot.NewAnswer(v)
			if string(got.Reveal()) != string(want) || (err == nil) != (wantErr == nil) {
				t.Errorf("%#v: %s %v, want %s %v", v, got.Reveal(), err, want, wantErr)
			}
		}
	}
	decoded := func(p bot.Parser, raw string, into any) {
		err := json.Unmarshal([]byte(raw), into)
		got, gotErr := p.Decode([]byte(raw))
		if want := reflect.ValueOf(into).Elem().Interface(); !reflect.DeepEqual(got, want) || fmt.Sprint(err) != fmt.Sprint(gotErr) {
			t.Errorf("%s: %s: %#v %v, want %#v %v", p, raw, got, gotErr, want, err)
		}
	}
	for _, raw := range append([]string{"", "01", "-", "-01", "+1", `"a`, `a"`, `["a"`, `["a","b]`, `["a"x]`, `["a"x"b"]`, `["a",]`, `{"min":1}x`, `{"min":1,}`, `{"min"}`, `{"min":1`, `{"min":`, `{`, `[`, `[{"min":1}`, `-"a"`, `nullx`, `truex`, `1x`, `"a"x`, `[,"a"]`, `nul`, `tru`, "\"\x01\"", `"\`}, written...) {
		decoded(bot.FreeText, raw, new(string))
		decoded(bot.Phone, raw, new(bot.Personal))
		decoded(bot.YesNo, raw, new(bool))
		decoded(bot.BirthOrAge, raw, new(bot.Birth))
		decoded(bot.Areas, raw, new([]bot.Place))
		decoded(bot.TradeList, raw, new([]bot.TradeID))
		decoded(bot.PayWanted, raw, new(bot.Pay))
		decoded(bot.StartDay, raw, new(bot.Date))
		decoded(bot.PartySize, raw, new(int))
	}
}

func answer(t *testing.T, raw string) bot.Answer {
	t.Helper()
	var a bot.Answer
	if err := a.UnmarshalJSON([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	return a
}
