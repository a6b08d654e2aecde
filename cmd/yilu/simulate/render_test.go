package simulate_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"yilu/bot/talk"
	"yilu/cmd/yilu/simulate"
)

// rendered are the transcripts whose answers are kept as every channel gives them.
var rendered = []string{"registration/one_by_one", "jobs/paging"}

// TestRendering holds the exact bytes that a channel answers with for a registration and a search: what a change of a
// text or of an adapter does to them is seen in review. Of the WeChat modes it is the plain one; what is encrypted in
// the others is the same, see TestModesAgree.
func TestRendering(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		if w.mode == "safe" || w.mode == "compatible" {
			continue
		}
		for _, name := range rendered {
			t.Run(w.channel+"/"+name, func(t *testing.T) {
				t.Parallel()
				var got bytes.Buffer
				play(t, w, name, func(s simulate.Seen) {
					fmt.Fprintf(&got, "> %s\n%s\n\n", s.Said, bytes.TrimRight(s.Raw, "\n"))
				})
				golden := filepath.Join("testdata", "render", w.channel+"."+filepath.Dir(name)+".golden")
				if *update {
					if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := talk.Difference(want, got.Bytes()); diff != "" {
					t.Errorf("%s is different (go test ./cmd/yilu/simulate -update writes it down):\n%s", golden, diff)
				}
			})
		}
	}
}

// TestModesAgree holds that what a follower sees does not depend on the mode of the account.
func TestModesAgree(t *testing.T) {
	t.Parallel()
	for _, name := range rendered {
		seen := map[string]string{}
		for _, mode := range []string{"plain", "compatible", "safe"} {
			play(t, way{mode, "wechat", mode}, name, func(s simulate.Seen) { seen[mode] += fmt.Sprint(s.Said, s.Screen) })
			if seen[mode] == "" || seen[mode] != seen["plain"] {
				t.Errorf("%s: in mode %s\n%s\nin plain\n%s", name, mode, seen[mode], seen["plain"])
			}
		}
	}
}

func play(t *testing.T, w way, name string, seen func(simulate.Seen)) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "..", "dialogs", filepath.Dir(name), "testdata", filepath.Base(name)+".talk"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := talk.Play(source, meet(t, w, seen)); err != nil {
		t.Fatal(err)
	}
}
