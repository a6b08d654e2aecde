package understand

import (
	"fmt"
	"math"

	"yilu/bot"
)

// nearby is how far from every known point a place may be and still be in Xiamen, in kilometres.
const nearby = 9.0

// point is a place whose district is known.
type point struct {
	district bot.District
	lat, lng float64
}

// Near returns the district of the known point that is nearest to a place, and false where none is near. Along a
// border between two districts it may be the neighbour's: what it returns is read back to the worker, as words would be.
func (w *Words) Near(lat, lng float64) (bot.District, bool) {
	best, near := nearby, bot.District("")
	for _, p := range w.points {
		// On so small a map a degree is as long everywhere: 111 km north, less to the east by the latitude.
		north, east := (lat-p.lat)*111.2, (lng-p.lng)*111.2*math.Cos(p.lat*math.Pi/180)
		if d := math.Hypot(north, east); d < best { // never true for what is no number
			best, near = d, p.district
		}
	}
	return near, near != ""
}

// points reads points.toml: by district, pairs of latitude and longitude.
func (l *loader) points() error {
	var read map[string][][2]float64
	if err := l.read("points.toml", &read); err != nil {
		return err
	}
	for _, d := range bot.Districts {
		if len(read[string(d)]) == 0 {
			return l.bad(string(d), "has no point; give it one")
		}
		for i, p := range read[string(d)] {
			if p[0] < 24 || p[0] > 25 || p[1] < 117.5 || p[1] > 118.7 {
				return l.bad(fmt.Sprintf("%s %d", d, i+1), "is not in Xiamen; the latitude comes first")
			}
			l.w.points = append(l.w.points, point{d, p[0], p[1]})
		}
	}
	if len(read) > len(bot.Districts) {
		return l.bad("districts", "there are more than six")
	}
	return nil
}
