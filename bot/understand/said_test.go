package understand_test

import (
	"reflect"
	"testing"

	"yilu/bot"
	"yilu/bot/understand"
)

// A message that is heard once is read as it is when it is read alone, whatever was asked of it before.
func TestSaidIsReadAsAlone(t *testing.T) {
	t.Parallel()
	labels := []string{
		"", " ", "1", "１", "2.", "看第一个", "看第一個", "【示例】瓦工", "【示例】瓦工 · 同安", "帮助", "English", "ＥＮＧＬＩＳＨ", "  english ", "\u200benglish", "一", "①", "。", "・", "﹗",
		"Ⓐ", "ⓐ", "\u3000帮助", "帮\u200b助", "急 【示例】瓦工", "É", "é", "\xff帮助", "ﬀ", "İ", "ゃ", "\U00020000", "、", "同安",
	}
	texts := append([]string{message, "老陈 13800000000 1968", "明天早上七点", "不要了", "改电话 13900001111", "有人触电了", "两个人"}, labels...)
	for _, text := range texts {
		said := words.Hear(text)
		if said.Raw() != text {
			t.Errorf("%q: heard %q", text, said.Raw())
		}
		for range 2 {
			for _, label := range append(texts, text+text) {
				if got, want := said.Is(label), understand.Fold(label) == understand.Fold(text); got != want {
					t.Errorf("%q is %q: %v", text, label, got)
				}
			}
			if got, want := said.Read(clock), words.Read(text, clock); !equal(got, want) {
				t.Errorf("%q: %+v, want %+v", text, got, want)
			}
			for _, p := range bot.Parsers {
				if got, want := said.Parse(p, clock), words.Parse(p, text, clock); !equal(got, want) {
					t.Errorf("%q as %s: %+v, want %+v", text, p, got, want)
				}
			}
			n, ok := said.Ordinal()
			if m, alone := words.Ordinal(text); n != m || ok != alone {
				t.Errorf("%q: number %d %v, want %d %v", text, n, ok, m, alone)
			}
			n, ok = said.Option(len(labels), func(i int) string { return labels[i] })
			if m, alone := words.Option(text, labels); n != m || ok != alone {
				t.Errorf("%q: option %d %v, want %d %v", text, n, ok, m, alone)
			}
		}
	}
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }
