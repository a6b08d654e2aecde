package main_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The whole of a new dialogue. It takes up the wish for help, which no dialogue of ours does.
var newDialogue = map[string]string{
	"dialogs/guide/guide.go": `// Package guide shows how Yilu is used.
package guide

import "yilu/bot"

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name: "guide", Version: 1, Intents: []bot.Intent{bot.NavHelp}, Start: "again",
	States: []bot.State{
		{Name: "again", Choices: []string{"once", "enough"}, Edges: []bot.Edge{{On: "once", To: "again"}, {On: "enough", To: "done"}}},
		{Name: "done", End: "shown", Offer: []bot.Intent{bot.NavHome}},
	},
}
`,
	"dialogs/guide/testdata/guide.talk": `# Shown twice.
> 帮助
< 一句一句说就行。
< 1 再看一遍
< 2 够了
> 1
< 一句一句说就行。
< 1 再看一遍
< 2 够了
> 够了
< 好的。
< 1 菜单
`,
	"locales/zh-CN/guide.toml": `"guide.title" = "用法"
"guide.again" = "一句一句说就行。"
"guide.again.again" = "回复数字。"
"guide.again.once" = "再看一遍"
"guide.again.enough" = "够了"
"guide.done" = "好的。"
`,
	"locales/en/guide.toml": `"guide.title" = "Guide"
"guide.again" = "Say one thing after another."
"guide.again.again" = "Reply with a number."
"guide.again.once" = "Once more"
"guide.again.enough" = "Enough"
"guide.done" = "All right."
`,
}

// TestCostOfADialogue holds what a new dialogue costs: a folder, one line in the list with its import, and one text file
// a language. In a copy of the source it is then checked, reached and replayed.
func TestCostOfADialogue(t *testing.T) {
	t.Parallel()
	tree := t.TempDir()
	copySource(t, tree)
	for name, text := range newDialogue {
		write(t, filepath.Join(tree, name), text)
	}
	list := filepath.Join(tree, "dialogs", "dialogs.go")
	raw, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), "\t\"yilu/dialogs/jobs\"\n", "\t\"yilu/dialogs/guide\"\n\t\"yilu/dialogs/jobs\"\n", 1)
	text = strings.Replace(text, "\t\tjobs.Dialogue,\n", "\t\tguide.Dialogue,\n\t\tjobs.Dialogue,\n", 1)
	if lines := strings.Count(text, "\n") - strings.Count(string(raw), "\n"); lines != 2 {
		t.Fatalf("%d lines were added to the list, not the line and its import", lines)
	}
	write(t, list, text)

	in := func(stdin string, args ...string) string {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Stdin = tree, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		if err != nil && args[0] != "test" {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	if said := in("", "run", "./cmd/yilu", "check"); !strings.Contains(said, "In order") {
		t.Errorf("check said %q", said)
	}
	if said := in("帮助\n2\n", "run", "./cmd/yilu", "chat", "--data", t.TempDir()); !strings.Contains(said, "一句一句说就行。\n1 再看一遍\n2 够了") || !strings.Contains(said, "好的。") {
		t.Errorf("the new dialogue was not reached:\n%s", said)
	}
	// The other transcripts ask for help as well, and it is no longer the one they know; only the new one is replayed.
	if said := in("", "test", "./dialogs", "-v", "-run", "TestTranscripts/all/guide"); !strings.Contains(said, "--- PASS: TestTranscripts/all/guide/testdata/guide ") {
		t.Errorf("the new transcript was not replayed:\n%s", said)
	}
}

// copySource copies what the module is made of, as it stands.
func copySource(t *testing.T, to string) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || rel == "data"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), raw, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
