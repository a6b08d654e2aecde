package bot_test

import (
	"testing"
	"time"

	"yilu/bot"
)

func TestOpenAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hours       string
		hour, min   int
		open, known bool
	}{
		{"06:00-18:00", 6, 0, true, true},
		{"06:00-18:00", 18, 0, false, true},
		{"06:00-18:00", 5, 59, false, true},
		{"【示例】06:00-18:00", 12, 0, true, true},
		{"6:00至18:00", 12, 0, true, true},
		{"08:30—11:30，14:30—17:30", 12, 0, false, true},
		{"08:30—11:30，14:30—17:30", 15, 0, true, true},
		{"22:00-06:00", 23, 30, true, true},
		{"22:00-06:00", 5, 0, true, true},
		{"22:00-06:00", 12, 0, false, true},
		{"00:00-24:00", 3, 0, true, true},
		{"周一至周五 09:00-17:00", 10, 0, false, false},
		{"早上", 10, 0, false, false},
		{"", 10, 0, false, false},
		{"25:00-26:00", 10, 0, false, false},
	} {
		open, known := bot.OpenAt(c.hours, time.Date(2026, 11, 23, c.hour, c.min, 0, 0, bot.Xiamen))
		if open != c.open || known != c.known {
			t.Errorf("%q at %d:%02d: open %v, known %v", c.hours, c.hour, c.min, open, known)
		}
	}
}
