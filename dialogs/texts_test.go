package dialogs_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"yilu/bot/engine"
	"yilu/dialogs"
)

// Every text is there in every language, with the same variables, and every dialogue is in order.
func TestTextsAndDialoguesInOrder(t *testing.T) {
	t.Parallel()
	_, texts := loadTexts(t)
	for _, p := range texts.Problems() {
		t.Error(p)
	}
	for _, p := range engine.Check(dialogs.All(), texts) {
		t.Error(p)
	}
}

var variables = regexp.MustCompile(`\{\{.*?\}\}`)

// longest is how much a worker is given to read at once, in Chinese characters; whole posts and one's own data are
// looked things up in, and may be longer.
const longest = 120

func TestTextsAreShort(t *testing.T) {
	t.Parallel()
	_, texts := loadTexts(t)
	for _, key := range texts.Keys("zh-CN", "") {
		if key == "jobs.post" || key == "mydata.show" || strings.HasPrefix(key, "sheets.") {
			continue
		}
		han := 0
		for _, r := range variables.ReplaceAllString(texts.Source("zh-CN", key), "") {
			if unicode.Is(unicode.Han, r) {
				han++
			}
		}
		if han > longest {
			t.Errorf("%s has %d characters, more than %d", key, han, longest)
		}
	}
}
