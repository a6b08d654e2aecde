package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yilu/bot/storetest"
)

// TestDatabaseURL: with the setting every command that opens the data uses PostgreSQL, given by flag or environment,
// and nothing of the records is in the data folder.
func TestDatabaseURL(t *testing.T) {
	t.Parallel()
	address := "--database-url=" + storetest.PostgresFor(t).URL()
	data := t.TempDir()
	if got := ok(t, "", "migrate", "--status", "--data", data, address); got != "records: version 0; yilu migrate brings them to 7\n" {
		t.Errorf("status of nothing: %q", got)
	}
	if got := ok(t, "", "migrate", "--data", data, address); got != "records: from version 0 to 7\n" {
		t.Errorf("migrate: %q", got)
	}
	for _, args := range [][]string{{"migrate"}, {"migrate", "--status"}} {
		if got := ok(t, "", append(args, "--data", data, address)...); got != "records: version 7, up to date\n" {
			t.Errorf("%v again: %q", args, got)
		}
	}
	if list, err := os.ReadDir(data); err != nil || len(list) != 0 {
		t.Errorf("migrate left %v in the data folder, %v", list, err)
	}

	if said := ok(t, "同安 瓦工 日结\n", "chat", "--data", data, address); !strings.Contains(said, "【示例】") {
		t.Errorf("the chat finds no sample post: %s", said)
	}
	posts := ok(t, "", "export", "posts", "--format", "json", "--data", t.TempDir(), address) // of another machine
	var rows []map[string]any
	if err := json.Unmarshal([]byte(posts), &rows); err != nil || len(rows) == 0 {
		t.Fatalf("%d posts, %v", len(rows), err)
	}
	file := filepath.Join(t.TempDir(), "posts.json")
	if err := os.WriteFile(file, []byte(posts), 0o600); err != nil {
		t.Fatal(err)
	}
	other := storetest.PostgresFor(t).URL()
	cmd := command(t, false, "import", "posts", file, "--data", t.TempDir())
	cmd.Env = append(cmd.Env, "YILU_DATABASE_URL="+other)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "0 faults") {
		t.Fatalf("import: %v: %s", err, out)
	}
	if again := ok(t, "", "export", "posts", "--format", "json", "--data", t.TempDir(), "--database-url="+other); again != posts {
		t.Error("what came out is not what went in")
	}
	if none := ok(t, "", "export", "posts", "--format", "json", "--data", data); strings.Contains(none, "【示例】") {
		t.Error("posts are in the data file too")
	}
}

func TestMigrateDataFile(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	if got := ok(t, "", "migrate", "--status", "--data", data); got != "records: version 0; yilu migrate brings them to 7\n" {
		t.Errorf("status of nothing: %q", got)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the status made a folder")
	}
	if got := ok(t, "", "migrate", "--data", data); got != "records: from version 0 to 7\n" {
		t.Errorf("migrate: %q", got)
	}
	if got := ok(t, "", "migrate", "--status", "--data", data); got != "records: version 7, up to date\n" {
		t.Errorf("status: %q", got)
	}
}

// TestDatabaseURLIsNotQuoted: whatever is wrong with the address, the error names the setting and not the value, which
// has a password in it.
func TestDatabaseURLIsNotQuoted(t *testing.T) {
	t.Parallel()
	for what, address := range map[string]string{
		"another scheme": "mysql://yilu:MARKER@127.0.0.1/yilu",
		"a port":         "postgres://yilu:MARKER@127.0.0.1:MARKER/yilu",
		"nobody there":   "postgres://yilu:MARKER@127.0.0.1:1/yilu?sslmode=disable",
		"a password":     "MARKER",
	} {
		for _, args := range [][]string{{"serve", "--listen=127.0.0.1:0"}, {"chat"}, {"export", "posts"}, {"migrate"}, {"migrate", "--status"}} {
			cmd := command(t, false, args...)
			cmd.Env = append(cmd.Env, "YILU_DATABASE_URL="+address)
			out, err := cmd.CombinedOutput()
			if text := string(out); err == nil || !strings.Contains(text, "YILU_DATABASE_URL") || strings.Contains(text, "MARKER") || strings.Contains(text, "goroutine") {
				t.Errorf("%s: %v: %v: %s", what, args, err, text)
			}
		}
	}
}
