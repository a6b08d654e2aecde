package locale

import (
	"slices"
	"strconv"
	"strings"
	ttemplate "text/template"

	"yilu/bot"
)

func (t *Texts) funcs(lang string) ttemplate.FuncMap {
	return ttemplate.FuncMap{"say": func(v any) (string, error) { return t.Say(lang, v) }}
}

// Say says a value in the language: a sum with its unit, a day with its weekday, trades and places by their names, a
// phone number in groups. Personal values are opened here, because their owner reads them.
func (t *Texts) Say(lang string, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case bot.Personal:
		return sayPersonal(v), nil
	case bool:
		if v {
			return t.Text(lang, "value.yes", nil)
		}
		return t.Text(lang, "value.no", nil)
	case bot.TradeID:
		return t.names.Trade(v, lang), nil
	case []bot.TradeID:
		names := make([]string, len(v))
		for i, id := range v {
			names[i] = t.names.Trade(id, lang)
		}
		return t.join(lang, names)
	case []bot.DisputeKind:
		names := make([]string, len(v))
		for i, kind := range v {
			name, err := t.option(lang, "value.kind.", string(kind))
			if err != nil {
				return "", err
			}
			names[i] = name
		}
		return t.join(lang, names)
	case bot.District:
		return t.names.District(v, lang), nil
	case bot.Place:
		return t.sayPlace(lang, v), nil
	case []bot.Place:
		return t.sayPlaces(lang, v)
	case bot.Pay:
		return t.sayPay(lang, v)
	case bot.Money:
		return t.sayPay(lang, bot.Pay{Min: int64(v)})
	case bot.Settle:
		return t.option(lang, "value.settle.", string(v))
	case bot.Shift:
		return t.option(lang, "value.shift.", string(v))
	case bot.Clock:
		return string(v), nil
	case bot.Date:
		return t.sayDate(lang, v)
	case bot.Birth:
		return t.sayBirth(lang, v)
	}
	return "", bot.Errorf(bot.Internal, "say value", "no words for a %T", v)
}

func (t *Texts) option(lang, prefix, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	return t.Text(lang, prefix+name, nil)
}

func (t *Texts) join(lang string, names []string) (string, error) {
	sep, err := t.Text(lang, "value.list", nil)
	return strings.Join(names, sep), err
}

func (t *Texts) sayPlace(lang string, p bot.Place) string {
	district := t.names.District(p.District, lang)
	if p.Name == "" {
		return district
	}
	return district + "·" + p.Name
}

func (t *Texts) sayPlaces(lang string, places []bot.Place) (string, error) {
	whole := 0 // how many districts are named as a whole
	names := make([]string, 0, len(places))
	for i, p := range places {
		if p.Name == "" && !slices.Contains(places[:i], p) {
			whole++
		}
		names = append(names, t.sayPlace(lang, p))
	}
	if whole == len(bot.Districts) {
		return t.Text(lang, "value.everywhere", nil)
	}
	return t.join(lang, names)
}

func (t *Texts) sayPay(lang string, p bot.Pay) (string, error) {
	if p.Min == 0 && p.Max == 0 {
		return t.Text(lang, "value.pay.agreed", nil)
	}
	amount := yuan(p.Min)
	switch {
	case p.Min == 0:
		amount = yuan(p.Max)
	case p.Max > p.Min:
		amount += "–" + yuan(p.Max)
	}
	key := "value.pay." + string(p.Unit)
	if p.Unit == "" {
		key = "value.pay.bare"
	}
	return t.Text(lang, key, struct{ Amount string }{amount})
}

func yuan(fen int64) string {
	if fen%100 == 0 {
		return strconv.FormatInt(fen/100, 10)
	}
	return strings.TrimRight(strconv.FormatFloat(float64(fen)/100, 'f', 2, 64), "0")
}

func (t *Texts) sayDate(lang string, d bot.Date) (string, error) {
	at := d.Time()
	if at.IsZero() {
		return "", nil
	}
	day, err := t.Text(lang, "value.weekday."+strconv.Itoa(int(at.Weekday())), nil)
	if err != nil {
		return "", err
	}
	return t.Text(lang, "value.date", struct {
		Month, Day int
		Weekday    string
	}{int(at.Month()), at.Day(), day})
}

func (t *Texts) sayBirth(lang string, b bot.Birth) (string, error) {
	if b.Year > 0 {
		return t.Text(lang, "value.birth.year", struct{ Year int }{b.Year})
	}
	if b.Age > 0 {
		return t.Text(lang, "value.birth.age", struct{ Age int }{b.Age})
	}
	return "", nil
}

// sayPersonal groups a mobile number as people read it out, and leaves everything else alone.
func sayPersonal(p bot.Personal) string {
	s := p.Reveal()
	if len(s) != 11 || strings.Trim(s, "0123456789") != "" {
		return s
	}
	return s[:3] + " " + s[3:7] + " " + s[7:]
}
