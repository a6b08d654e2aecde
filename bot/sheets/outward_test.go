package sheets_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/sheets"
)

// The sheet of files goes out only, says where each is, and hides with --masked who sent it.
func TestFiles(t *testing.T) {
	t.Parallel()
	kept := sheets.File{Path: "/data/files/ab/cd/f1", KeptFile: bot.KeptFile{
		ID: "f1", From: bot.Identity{Channel: "wechat", User: "openid-secret"}, File: bot.File{Kind: bot.Voice, Type: "audio/amr", Name: bot.NewPersonal("【示例】我的录音.amr")},
		Number: "GD1", State: bot.FileKept, Sum: "5e", Bytes: 1234, At: now,
	}}
	gone := sheets.File{KeptFile: bot.KeptFile{ID: "f2", File: bot.File{Kind: bot.Photo}, State: bot.FileLost, Why: "gone", At: now}}
	for _, masked := range []bool{false, true} {
		s := sheets.Files(words(t), sheets.Options{Masked: masked})
		for _, f := range sheets.Formats {
			if _, _, err := sheets.Read(bytes.NewReader(write(t, f, s, kept, gone)), f, s); bot.CodeOf(err) != bot.Invalid {
				t.Errorf("%s was read: %v", f, err)
			}
		}
		file := string(write(t, sheets.CSV, s, kept, gone))
		for _, want := range []string{"GD1", "语音", "已保存", "/data/files/ab/cd/f1", "1234", "没取到", "平台上已经没有了"} {
			if !strings.Contains(file, want) {
				t.Errorf("%q is missing: %s", want, file)
			}
		}
		if strings.Contains(file, "openid-secret") == masked || strings.Contains(file, "我的录音") == masked {
			t.Errorf("masked %v: %s", masked, file)
		}
	}
}

// The sheet of links goes out only, says in words what moved, and hides with --masked who came over.
func TestLinks(t *testing.T) {
	t.Parallel()
	joined := bot.Link{
		ID: "l1", At: now, What: bot.LinkJoined, Who: bot.Identity{Channel: "wechat", User: "openid-secret"}, From: "w2", Into: "w1",
		Moved: bot.Moved{
			Registration: "DJ2", Applications: []string{"BM3", "BM4"}, Withdrawn: []string{"BM2"}, Requests: []string{"GD2"},
			Alerts: []string{"a1", "a2"}, Same: []string{"a3"}, Consents: []string{"c1"}, Files: []string{"f1", "f2", "f3"},
			Taken: []string{"birth", "phone"}, Superseded: []string{"pay", "shift"},
		},
	}
	parted := bot.Link{ID: "u1", At: now.Add(time.Hour), What: bot.LinkParted, Who: joined.Who, From: "w1", Into: "w2"}
	told := map[string]string{
		"zh-CN": "登记: DJ2; 报名: BM3 + BM4; 重复报名已取消: BM2; 待办: GD2; 提醒: 2; 重复提醒已去掉: 1; 告知同意: 1; 文件: 3; 补上的资料: 出生年份或年龄 + 手机号; 不再用的资料: 工钱 + 班次",
		"en":    "Registration: DJ2; Applications: BM3 + BM4; Withdrawn as doubles: BM2; Requests: GD2; Alerts: 2; Alerts dropped as doubles: 1; Consents: 1; Files: 3; Fields filled in: Year of birth or age + Mobile; Fields no longer used: Pay + Shift",
	}
	for lang, moved := range told {
		for _, masked := range []bool{false, true} {
			s := sheets.Links(words(t), sheets.Options{Lang: lang, Masked: masked})
			for _, f := range sheets.Formats {
				if _, _, err := sheets.Read(bytes.NewReader(write(t, f, s, joined, parted)), f, s); bot.CodeOf(err) != bot.Invalid {
					t.Errorf("%s was read: %v", f, err)
				}
			}
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(write(t, sheets.CSV, s, joined, parted), []byte("\ufeff")))).ReadAll()
			if err != nil || len(rows) != 3 {
				t.Fatalf("%v %v", rows, err)
			}
			if rows[1][6] != moved || rows[2][6] != "" || rows[1][4] != "w2" || rows[1][5] != "w1" || rows[1][1] == rows[2][1] {
				t.Errorf("got %q\nwant %q in it", rows, moved)
			}
			if (rows[1][3] == "openid-secret") == masked {
				t.Errorf("masked %v: %s", masked, rows[1][3])
			}
		}
	}
	file := string(write(t, sheets.JSON, sheets.Links(words(t), sheets.Options{}), joined))
	for _, want := range []string{`"what": "linked"`, `"applications: BM3 + BM4"`, `"files: 3"`, `"superseded: pay + shift"`} {
		if !strings.Contains(file, want) {
			t.Errorf("%s is missing: %s", want, file)
		}
	}
}
