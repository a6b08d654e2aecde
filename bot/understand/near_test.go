package understand_test

import (
	"math"
	"testing"

	"yilu/bot"
)

// TestNear holds that a shared place is told by its district, and that what is far away has none.
func TestNear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		lat, lng float64
		want     bot.District
	}{
		{"west of the old town", 24.455, 118.075, bot.Siming},
		{"east of the island, south", 24.470, 118.185, bot.Siming},
		{"airport", 24.541, 118.130, bot.Huli},
		{"across the western bridge", 24.486, 118.030, bot.Haicang},
		{"school village", 24.570, 118.101, bot.Jimei},
		{"west of the bay", 24.578, 118.040, bot.Jimei},
		{"town in the north", 24.728, 118.152, bot.Tongan},
		{"east of the sea", 24.620, 118.247, bot.Xiangan},
		{"Shanghai", 31.2, 121.5, ""},
		{"Zhangzhou, 45 km west", 24.51, 117.65, ""},
		{"Quanzhou, 60 km north-east", 24.87, 118.68, ""},
		{"nowhere", 0, 0, ""},
		{"no number", math.NaN(), math.NaN(), ""},
		{"endless", math.Inf(1), math.Inf(-1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := words.Near(c.lat, c.lng)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("%v %v, want %v", got, ok, c.want)
			}
		})
	}
}
