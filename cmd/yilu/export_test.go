package main_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/evidence"
)

// What nobody understood is in an export, counted, and nothing of who said it or of a name that was asked for.
func TestExportUnclear(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, who := range []string{"u1", "u2"} {
		talk(t, data, bot.Identity{Channel: "web", User: who}, "整个啥子嘛", "我叫陈建国 整个啥子嘛 13800001234", "登记", "同意", "？？？整个啥子嘛")
	}
	rows := exported(t, "unclear", data)
	seen := map[string]float64{}
	for _, r := range rows {
		seen[fmt.Sprint(r["text"])] += r["times"].(float64)
		if line := fmt.Sprint(r); strings.Contains(line, "建国") || strings.Contains(line, "1380000") || strings.Contains(line, "u1") {
			t.Errorf("somebody is named: %s", line)
		}
	}
	if seen["整个啥子嘛"] != 2 || len(rows) != 2 {
		t.Errorf("got %v", rows)
	}
}

// Somebody registers and applies on WeChat, sends a photo there and one on the web, and links the two: the operator sees in an
// export where each file is, who came over to whom, and what moved.
func TestExportFilesAndLinks(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	web, wechat := bot.Identity{Channel: "web", User: "web-person"}, bot.Identity{Channel: "wechat", User: "wechat-person"}
	kept := converse(t, data, web, wechat)

	files := exported(t, "files", data)
	if len(files) != 2 {
		t.Fatalf("%d files, want 2: %v", len(files), files)
	}
	for _, f := range files {
		switch {
		case f["id"] == kept:
			path, _ := f["path"].(string)
			raw, err := os.ReadFile(path)
			if err != nil || string(raw) != "a photo" || f["state"] != "kept" || f["bytes"] != 7.0 || f["channel"] != "wechat" {
				t.Errorf("the kept file: %v, it holds %q (%v)", f, raw, err)
			}
		case f["state"] != "waits" || f["path"] != nil || f["channel"] != "web":
			t.Errorf("the file that waits: %v", f)
		}
	}

	links := exported(t, "links", data)
	if len(links) != 1 {
		t.Fatalf("%d links, want 1: %v", len(links), links)
	}
	l := links[0]
	if l["what"] != "linked" || l["channel"] != "wechat" || l["user"] != wechat.User || l["from"] != string(wechat.Worker()) || l["into"] != string(web.Worker()) {
		t.Errorf("the link: %v", l)
	}
	applications := exported(t, "applications", data)
	if len(applications) != 1 || applications[0]["worker"] != string(web.Worker()) {
		t.Fatalf("applications: %v", applications)
	}
	moved := fmt.Sprint(l["moved"])
	for _, want := range []string{fmt.Sprint("applications: ", applications[0]["number"]), "consents: 1", "files: 1", "taken: ", "phone"} {
		if !strings.Contains(moved, want) {
			t.Errorf("%q is missing in what moved: %s", want, moved)
		}
	}

	// For people: in words, and with --masked without the channel's ids.
	for _, what := range []string{"files", "links"} {
		plain, masked := ok(t, "", "export", what, "--data", data), ok(t, "", "export", what, "--masked", "--data", data)
		if !strings.Contains(plain, wechat.User) || strings.Contains(masked, wechat.User) {
			t.Errorf("export %s:\n%s\nmasked:\n%s", what, plain, masked)
		}
		for _, format := range []string{"csv", "xlsx"} {
			file := filepath.Join(t.TempDir(), what+"."+format)
			ok(t, "", "export", what, file, "--data", data)
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := rowsIn(t, format, raw); n != len(exported(t, what, data)) {
				t.Errorf("%s holds %d rows", file, n)
			}
		}
	}
}

// talk has somebody write these texts, one turn each.
func talk(t *testing.T, data string, who bot.Identity, texts ...string) {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Data: data, Samples: true, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for i, text := range texts {
		if _, err := a.Turn(t.Context(), bot.Message{ID: fmt.Sprint(who.User, i), From: who, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
}

// converse holds the conversation of TestExportFilesAndLinks, and returns the id of the file of WeChat, which is kept.
func converse(t *testing.T, data string, web, wechat bot.Identity) (kept string) {
	t.Helper()
	ctx, now := context.Background(), time.Now()
	a, err := app.Open(ctx, app.Config{Data: data, Samples: true, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	n := 0
	tell := func(m bot.Message) string {
		n++
		m.ID = fmt.Sprint("m", n)
		reply, err := a.Turn(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(reply.Texts, "\n")
	}
	photo := func(ref string) []bot.File {
		return []bot.File{{Ref: ref, Kind: bot.Photo, Name: bot.NewPersonal("【示例】.jpg")}}
	}

	for _, l := range script {
		tell(bot.Message{From: wechat, Text: l.Text, Choice: l.Choice})
	}
	tell(bot.Message{From: wechat, Files: photo("wechat-ref")})
	waiting, err := a.Records.FilesWaiting(ctx, now, 10)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("waiting: %v, %v", waiting, err)
	}
	kept = waiting[0].ID
	store, err := evidence.OpenFolder(filepath.Join(data, evidence.Beside))
	if err != nil {
		t.Fatal(err)
	}
	sum, size, err := store.Put(ctx, kept, strings.NewReader("a photo"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Records.FileKept(ctx, kept, sum, size, "image/jpeg"); err != nil {
		t.Fatal(err)
	}

	tell(bot.Message{From: web, Files: photo("web-ref")})
	tell(bot.Message{From: web, Text: "绑定"})
	code := regexp.MustCompile(`[0-9 ]{12,}`).FindString(tell(bot.Message{From: web, Choice: "c:link/which/show"}))
	tell(bot.Message{From: wechat, Text: "绑定"})
	tell(bot.Message{From: wechat, Choice: "c:link/which/enter"})
	if said := tell(bot.Message{From: wechat, Text: code}); !strings.Contains(said, "绑定好了") {
		t.Fatalf("the code %q: %s", code, said)
	}
	return kept
}
