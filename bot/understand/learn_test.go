package understand_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"yilu/bot"
	"yilu/bot/understand"
)

const weights = "../../locales/lexicon/weights.tsv"

// examples are labelled utterances as Learn takes them.
func examples(t testing.TB, all []labelled) (out []understand.Example) {
	t.Helper()
	for _, l := range all {
		raw, err := json.Marshal(l.Slots)
		if err != nil {
			t.Fatal(err)
		}
		x := understand.Example{Text: l.Text, Now: l.Now, Intent: l.Intent, Facts: l.Slots != nil}
		if err := json.Unmarshal(raw, &struct {
			Kinds  *[]bot.DisputeKind
			Topic  *bot.InsuranceTopic
			Reason *string
		}{&x.Kinds, &x.Topic, &x.Reason}); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// heard are the lines of utterances.txt, whose answers to single questions are no wishes.
func heard(t testing.TB) (all []labelled) {
	for _, c := range cases(t, "utterances.txt", 3) {
		intent, _, _ := strings.Cut(c[1], " ")
		l := labelled{Text: c[0], Now: clock, Intent: bot.Intent(intent)}
		if err := json.NewDecoder(strings.NewReader(c[2])).Decode(&l.Slots); err != nil {
			t.Fatalf("%q: %v", c[0], err)
		}
		all = append(all, l)
	}
	return all
}

// TestWeights holds weights.tsv to what is learnt of the labelled utterances; -update writes it.
func TestWeights(t *testing.T) {
	t.Parallel()
	got := words.Learn(examples(t, slices.Concat(readLabelled(t, "testdata/frames/*.jsonl"), readLabelled(t, "testdata/danger/*.jsonl"), heard(t))))
	if *update {
		if err := os.WriteFile(weights, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("weights.tsv is not what is learnt of testdata/frames; run go test ./bot/understand -run TestWeights -update")
	}
}

// learnt is the lexicon with weights learnt of these utterances.
func learnt(t testing.TB, all []labelled) *understand.Words {
	t.Helper()
	with := lexicon(t)
	with["weights.tsv"] = &fstest.MapFile{Data: words.Learn(examples(t, all))}
	w, err := understand.Load(with)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestFolds measures what weights do for messages that they were not learnt of: every fifth in turn is left out.
func TestFolds(t *testing.T) {
	t.Parallel()
	base, glob := append(readLabelled(t, "testdata/danger/*.jsonl"), heard(t)...), os.Getenv("YILU_UTTERANCES")
	all := readLabelled(t, "testdata/frames/*.jsonl")
	if glob != "" {
		base, all = append(base, all...), readLabelled(t, glob)
	}
	const folds = 5
	c := newTally()
	for k := range folds {
		learn, left := base, []labelled(nil)
		for i, l := range all {
			if i%folds == k {
				left = append(left, l)
			} else {
				learn = append(learn[:len(learn):len(learn)], l)
			}
		}
		c.measure(t, learnt(t, learn), left)
	}
	c.log(t)
	if glob != "" {
		for _, line := range c.wrong {
			fmt.Println(line)
		}
	}
}
