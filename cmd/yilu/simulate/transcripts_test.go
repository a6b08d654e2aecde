package simulate_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yilu/bot"
	"yilu/bot/talk"
)

// TestTranscripts carries that a channel changes nothing of what is said: the transcripts of registration, of search and
// of what follows from them pass through every channel as its platform delivers, with the real engine and the real stores, and the words that
// come back over the wire (texts, labels, progress) are those of the transcript. Only the rendering differs.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files := map[bool][]string{} // by whether they are played in every mode of WeChat
	for dialogue, everyMode := range map[string]bool{
		"registration": true, "jobs": true, "apply": false, "alerts": false, "consent": false, "mydata": false, "report": false,
	} {
		found, err := filepath.Glob("../../../dialogs/" + dialogue + "/testdata/*.talk")
		if err != nil || len(found) < 3 {
			t.Fatalf("%d transcripts of %s: %v", len(found), dialogue, err)
		}
		files[everyMode] = append(files[everyMode], found...)
	}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			mine := files[true]
			if w.mode != "plain" && w.mode != "compatible" {
				mine = slices.Concat(mine, files[false])
			}
			for _, file := range mine {
				name := filepath.Base(filepath.Dir(filepath.Dir(file))) + "/" + strings.TrimSuffix(filepath.Base(file), ".talk")
				if why := exception(name, w.channel); why != "" {
					t.Logf("%s is left out: %s", name, why)
					continue
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					source, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					got, err := talk.Play(source, meet(t, w, nil))
					if err != nil {
						t.Fatal(err)
					}
					diff := talk.Difference(talk.Renumber(source), talk.Renumber(got))
					if diff != "" {
						t.Errorf("over the wire came something else:\n%s", diff)
					}
				})
			}
		})
	}
}

// excepted are the transcripts that cannot be the same on a channel, and why. Beside them, WeChat does not tell in which
// language somebody reads, nor does a terminal once it is open: there the person asks for it in the chat instead, see
// simulate.Person, and that exchange is in no transcript.
var excepted = []struct{ transcript, channels, why string }{
	{"apply/three_people", "telegram wechat web terminal", "applications of the same second are listed by their numbers, and each channel has its own"},
	{"registration/long_text", "telegram wechat web terminal", "a channel answers by itself what is longer than bot.MaxText"},
	{"registration/stale_button", "wechat terminal", "there are no buttons, and an old number is a number like any other"},
}

// exception is why a transcript cannot be the same on a channel, "" if it can.
func exception(transcript, channel string) string {
	for _, e := range excepted {
		if e.transcript == transcript && slices.Contains(strings.Fields(e.channels), channel) {
			return e.why
		}
	}
	return ""
}

// TestSent carries the same for what is no words: files, places, and what somebody does. Each channel has what its
// platform has.
func TestSent(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		file := filepath.Join("testdata", w.channel+".talk")
		source, err := os.ReadFile(file)
		if err != nil {
			continue // it has words only
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			got, err := talk.Play(source, meet(t, w, nil))
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := talk.Difference(source, got); diff != "" {
				t.Errorf("over the wire came something else (go test ./cmd/yilu/simulate -update writes it down):\n%s", diff)
			}
		})
	}
}

// TestCannot holds that what a channel does not have is said, not skipped.
func TestCannot(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		for _, line := range []string{"> {dance}", "> [没有这个]", "! records down now", "! lang xx", "! at noon", "! wait long"} {
			k := meet(t, w, nil)
			_, err := talk.Play([]byte(line+"\n"), k.Person)
			var e *bot.Error
			if !errors.As(err, &e) || e.Field != "line 1" || bot.CodeOf(err) != bot.NotFound && bot.CodeOf(err) != bot.Invalid {
				t.Errorf("%s: %q: %v", w.name, line, err)
			}
		}
	}
}
