package sheets_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/BurntSushi/toml"

	"yilu/bot"
	"yilu/bot/sheets"
)

var now = time.Date(2026, time.November, 23, 10, 20, 0, 0, bot.Xiamen)

var langs = []string{"zh-CN", "en"}

// locale is the texts of one language's sheets.toml.
func locale(t testing.TB, lang string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	if _, err := toml.DecodeFile("../../locales/"+lang+"/sheets.toml", &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// words stands in for the locales and the lexicon.
func words(t testing.TB) sheets.Words {
	t.Helper()
	texts := map[string]map[string]string{}
	for _, lang := range langs {
		texts[lang] = locale(t, lang)
	}
	raw, err := os.ReadFile("testdata/trades.tsv")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]map[bot.TradeID]string{"zh-CN": {}, "en": {}}
	w := sheets.Words{Langs: langs}
	for line := range strings.Lines(string(raw)) {
		part := strings.Split(strings.TrimSpace(line), "\t")
		id := bot.TradeID(part[0])
		w.Trades = append(w.Trades, id)
		names["zh-CN"][id], names["en"][id] = part[1], part[2]
	}
	districts := map[string][]string{"zh-CN": {"思明", "湖里", "海沧", "集美", "同安", "翔安"}, "en": {"Siming", "Huli", "Haicang", "Jimei", "Tong'an", "Xiang'an"}}
	w.Text = func(lang, key string, data any) (string, error) {
		text, ok := texts[lang][key]
		if !ok {
			return "", fmt.Errorf("no text %s in %s", key, lang)
		}
		tmpl, err := template.New(key).Option("missingkey=error").Parse(text)
		if err != nil {
			return "", err
		}
		var b bytes.Buffer
		err = tmpl.Execute(&b, data)
		return b.String(), err
	}
	w.TradeName = func(id bot.TradeID, lang string) string { return names[lang][id] }
	w.DistrictName = func(d bot.District, lang string) string {
		for i, known := range bot.Districts {
			if known == d {
				return districts[lang][i]
			}
		}
		return ""
	}
	w.Trade = func(said string) (bot.TradeID, bool) {
		id, ok := map[string]bot.TradeID{"瓦工": "t02", "保洁阿姨": "t56"}[said]
		return id, ok
	}
	w.District = func(said string) (bot.District, bool) {
		d, ok := map[string]bot.District{"同安区": bot.Tongan}[said]
		return d, ok
	}
	return w
}

// open turns a noun into plain values, personal ones included, so that two can be compared.
func open(t testing.TB, noun any) string {
	t.Helper()
	raw, err := bot.Pack(noun)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
