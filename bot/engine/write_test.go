package engine_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"yilu/bot"
	"yilu/bot/engine"
)

// full is a session in which every field of every part has a value, some of them awkward.
const full = `{"as":{"id":{"channel":"web","user":"u\u0000<>&\u2028"},"till":"2026-11-24T09:00:00.5+08:00","then":{"id":{"channel":"wechat","user":"o1"}}},
"lang":"zh-CN","hint":"en","stack":[{"d":"form","v":3,"i":"abc","s":"name","f":{"name":"老陈 \"\\\n","pay":{"min":1,"unit":"day"},"skip":null},"c":true,
"b":"2026-11-23T09:00:00+08:00","w":"jobs.search","m":2,"e":1,"l":["a","b"],"t":[{"s":"x","u":{"q":[1,2]},"g":["y"]},{"s":"z"}],
"a":[{"p":"place","w":"湖里","o":[{"district":"huli"},"x",7]},{"p":"place","w":"","o":[]}]},{"d":"","v":0,"i":"","s":""}],
"drafts":{"b":{"d":"b","v":1,"i":"i","s":"s"},"a":{"d":"a","v":1,"i":"i","s":"s"}},"offered":[{"label":"找活","send":"i:jobs.search"},{"label":"","send":""}],
"facts":{"z":"1","a":"二","":"3"},"at":"2026-11-23T01:00:00Z","faults":4,"rest":{"texts":["a","b"],"choices":[{"label":"l","send":"s"}],"progress":"p","want":"phone","lang":"en"},
"joined":[{"c":"web","k":"web:1","t":"2026-11-23T09:00:00+08:00","to":["x"]},{"c":"","k":"","t":"0001-01-01T00:00:00Z"}],"by":"web:1"}`

// TestSessionIsWrittenAsItIsRead holds that what is written by hand says the same as what encoding/json would write.
func TestSessionIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{full, `{"lang":""}`, `{"lang":"en","stack":[{"d":"x","v":1,"i":"","s":"","f":{}}],"rest":{"texts":null,"lang":""}}`} {
		kept, standard, err := engine.Rewrite([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := json.Unmarshal(kept, &a); err != nil {
			t.Fatalf("%v in %s", err, kept)
		}
		if err := json.Unmarshal(standard, &b); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("written\n%s\nwant\n%s", kept, standard)
		}
		again, _, err := engine.Rewrite(kept)
		if err != nil || string(again) != string(kept) {
			t.Errorf("read and written again: %v\n%s\nwant\n%s", err, again, kept)
		}
	}
	var whole, empty map[string]any
	kept, _, _ := engine.Rewrite([]byte(full))
	if json.Unmarshal(kept, &whole) != nil || json.Unmarshal([]byte(full), &empty) != nil || !reflect.DeepEqual(whole, empty) {
		t.Errorf("written\n%s\nwant\n%s", kept, full)
	}
}

// TestSessionIsReadAsItIsWritten holds that what is written is read by hand, and that whatever is read by hand is read as
// json would, with any byte of a session gone or another one.
func TestSessionIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	kept, _, err := engine.Rewrite([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	if how, byHand := engine.Differ(kept); how != "" || !byHand {
		t.Fatalf("read by hand: %v; %s", byHand, how)
	}
	for i := range kept {
		for _, put := range []string{"", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", "a", "n", " ", "\n", "\x00", "\xff", "老"} {
			broken := string(kept[:i]) + put + string(kept[i+1:])
			if how, _ := engine.Differ([]byte(broken)); how != "" {
				t.Fatalf("byte %d as %q: %s\n%s", i, put, how, broken)
			}
		}
		if how, byHand := engine.Differ(kept[:i]); byHand {
			t.Fatalf("the first %d bytes are read; %s", i, how)
		}
	}
}

// The same for replies, also with bytes that are no text.
func TestReplyIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	for _, r := range []bot.Reply{
		{}, {Texts: []string{}}, {Texts: []string{"a<b>&\u2028\x00\"", "坏\xff"}, Choices: []bot.Choice{{Label: "是", Send: "yes"}}, Progress: "1/2", Want: bot.Phone, Lang: "zh-CN"},
	} {
		kept, standard, err := engine.RewriteReply(r)
		var a, b bot.Reply
		if err != nil || json.Unmarshal(kept, &a) != nil || json.Unmarshal(standard, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%v: written\n%s\nwant\n%s", err, kept, standard)
		}
	}
}
