package engine_test

import (
	"testing"

	"yilu/bot"
)

// What was not understood is noted where it tells nothing of anybody: not of a child, not where a name, a phone or one's
// own trouble is asked for, and not in the words of a choice.
func TestNoteUnclear(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		said  []string
		notes int
	}{
		"at the menu":             {[]string{"整个啥子嘛哦"}, 1},
		"in a search":             {[]string{"找活", "整个啥子嘛哦"}, 1},
		"of a child":              {[]string{"我今年14岁", "整个啥子嘛哦", "没事了", "整个啥子嘛哦"}, 0},
		"with a child's age":      {[]string{"我14岁 整个啥子嘛哦"}, 0},
		"in a registration":       {[]string{"我要登记", "整个啥子嘛哦", "老陈", "整个啥子嘛哦"}, 0},
		"in a dispute":            {[]string{"老板欠我工资两千六", "同意", "整个啥子嘛哦"}, 0},
		"over one's data":         {[]string{"我的资料", "删除我的资料", "整个啥子嘛哦"}, 0},
		"with danger":             {[]string{"整个啥子嘛哦 不想活"}, 0},
		"in another conversation": {[]string{"登记", "取消", "整个啥子嘛哦"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := house(t, "a secret of this test")
			for _, text := range test.said {
				b.say("a", text)
			}
			notes := 0
			for _, e := range b.records.entries() {
				if e.Kind == (bot.NoteUnclear{}).Kind() {
					notes++
				}
			}
			if notes != test.notes {
				t.Errorf("%d notes, want %d", notes, test.notes)
			}
		})
	}
}
