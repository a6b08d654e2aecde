package bot

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// span is a part of the day as it is written: 06:00-18:00, with whatever stands between the two.
var span = regexp.MustCompile(`(\d{1,2})[:：](\d{2})\s*\D{1,2}?\s*(\d{1,2})[:：](\d{2})`)

// OpenAt reports whether somebody is there at t by hours as they are written for people. It is not known where they say
// more than parts of the day, such as days of the week.
func OpenAt(hours string, t time.Time) (open, known bool) {
	if i := strings.LastIndex(hours, "】"); i >= 0 { // 【示例】
		hours = hours[i+len("】"):]
	}
	spans := span.FindAllStringSubmatch(hours, -1)
	rest := strings.Trim(span.ReplaceAllString(hours, ""), " ,，、;；/")
	if len(spans) == 0 || rest != "" {
		return false, false
	}
	local := t.In(Xiamen)
	now := local.Hour()*60 + local.Minute()
	for _, s := range spans {
		from, ok1 := minutes(s[1], s[2])
		to, ok2 := minutes(s[3], s[4])
		if !ok1 || !ok2 {
			return false, false
		}
		if from <= to && now >= from && now < to || from > to && (now >= from || now < to) { // over midnight
			open = true
		}
	}
	return open, true
}

func minutes(hour, minute string) (int, bool) {
	h, err1 := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	return h*60 + m, err1 == nil && err2 == nil && h*60+m <= 24*60 && m < 60
}
