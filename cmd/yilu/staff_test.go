package main_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yilu/bot"
)

// A worker files a dispute; staff find it, look at it, act on it, and the worker reads what they did. Nobody's name is shown
// who did not ask for it with a reason, and whoever comes second is told who was first.
func TestStaff(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	who := bot.Identity{Channel: "web", User: "u1"}
	talk(t, data, who, "我们十二个人 老板欠我们四千二工钱", "同意", "2", "灌口姓王的包工头", "上个月", "2", "2", "<b>微信聊天</b>", "陈建国", "13800001234", "1")
	staff := func(args ...string) result { return yilu(t, strings.NewReader(""), append(args, "--data", data)...) }

	list := staff("staff")
	number := regexp.MustCompile(`TJ\d{4}-[0-9A-Z]{8}`).FindString(list.out)
	if list.code != 0 || number == "" || !strings.Contains(list.out, "!") {
		t.Fatalf("the list: %s%s", list.out, list.err)
	}
	if got := staff("staff", "show", number); strings.Contains(got.out, "陈建国") || strings.Contains(got.out, "13800001234") || !strings.Contains(got.out, "4200") {
		t.Errorf("masked: %s%s", got.out, got.err)
	}
	if got := staff("staff", "show", number, "--as", "lin"); got.code == 0 || !strings.Contains(got.err, "--why") {
		t.Errorf("without a reason: %s%s", got.out, got.err)
	}
	if got := staff("staff", "show", number, "--as", "lin", "--why", "call back"); !strings.Contains(got.out, "陈建国") || !strings.Contains(got.out, "13800001234") {
		t.Errorf("in full: %s%s", got.out, got.err)
	}
	if got := staff("staff", "show", number); !strings.Contains(got.out, "lin  look") {
		t.Errorf("who looked is not in the history: %s", got.out)
	}
	act := func(action, version string, more ...string) result {
		return staff(append([]string{"staff", "act", number, action, "--as", "lin", "--role", "mediator", "--version", version}, more...)...)
	}
	if got := act("receive", "2"); got.code != 0 || !strings.Contains(got.out, "received, version 3") {
		t.Fatalf("receive: %s%s", got.out, got.err)
	}
	for name, test := range map[string]struct {
		got  result
		says string
	}{
		"somebody was faster": {act("receive", "2"), "somebody was faster: lin took the step receive"},
		"not from here":       {act("close", "3", "--note", "n"), "cannot be taken to close"},
		"no words":            {act("need_more", "3"), "words for the worker"},
		"no such step":        {act("dance", "3"), `there is no action "dance"`},
		"no version":          {act("review", "0"), "--version"},
		"no such case":        {staff("staff", "show", "TJ0000-00000000"), "read case"},
		"not a role":          {staff("staff", "act", number, "review", "--as", "x", "--role", "boss", "--version", "3"), "--role"},
		"a clerk may not":     {staff("staff", "act", number, "decline", "--as", "x", "--role", "clerk", "--version", "3", "--note", "n", "--tell", "t"), "a clerk may not decline"},
		"no number to print":  {staff("export", "case"), "NUMBER"},
		"print as a text":     {staff("export", "case", number, "--format", "txt"), "neither html nor docx"},
		"one word too many":   {staff("export", "posts", "-", "more"), "one word too many"},
	} {
		if test.got.code == 0 || !strings.Contains(test.got.err, test.says) {
			t.Errorf("%s: %s%s", name, test.got.out, test.got.err)
		}
	}
	if got := act("need_more", "3", "--tell", "请补一张转账截图"); got.code != 0 {
		t.Fatalf("need_more: %s", got.err)
	}

	// The application to sign, for paper and for Word. What was said is text there, whatever it looks like.
	html := staff("export", "case", number).out
	for _, want := range []string{"陈建国", "13800001234", "4200", "&lt;b&gt;微信聊天&lt;/b&gt;", "法定代表人", "证人", "性别", "签名"} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing on the page: %s", want, html)
		}
	}
	if strings.Contains(html, "<b>") {
		t.Error("what was said is markup on the page")
	}
	file := filepath.Join(t.TempDir(), "case.docx")
	if got := staff("export", "case", number, file); got.code != 0 {
		t.Fatalf("docx: %s", got.err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	in, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if text, err := io.ReadAll(in); err != nil || !strings.Contains(string(text), "陈建国") || !strings.Contains(string(text), "&lt;b&gt;") {
		t.Errorf("the document: %v", err)
	}
	if got := staff("export", "cases", "--masked"); strings.Contains(got.out, "陈建国") || !strings.Contains(got.out, number) {
		t.Errorf("the sheet: %s%s", got.out, got.err)
	}
}
