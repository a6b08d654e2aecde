package understand_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"yilu/bot"
	"yilu/bot/understand"
)

// lexicon is a copy of the real one that a test may spoil.
func lexicon(t testing.TB) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	dir := os.DirFS("../../locales/lexicon")
	names, err := fs.Glob(dir, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: raw}
	}
	return out
}

func TestLoadNamesTheFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, old, new, want string }{
		{"trades.toml", `id = "t03"`, `id = "t02"`, "trades.toml: trade.t02: duplicate id"},
		{"trades.toml", `{ zh-CN = "贴砖工"`, `{ zh-CN = ""`, "trades.toml: trade.t03.name: empty name"},
		{"trades.toml", `"瓷砖工"`, `"瓦工"`, "belongs to t02 already"},
		{"trades.toml", `"瓷砖工"`, `" "`, "holds an empty word"},
		{"trades.toml", `flags = ["equipment"]`, `flags = ["strong"]`, "unknown flag"},
		{"trades.toml", `trades = ["t05", "t15"]`, `trades = ["t05", "t99"]`, "unknown trade"},
		{"trades.toml", `id = "t66"`, `id = "t67"`, "t66"},
		{"places.toml", `id = "siming"`, `id = "gulou"`, "places.toml: district[0].id: unknown district"},
		{"places.toml", `"厦港", "中华街道"`, `"厦港", "厦港"`, "stands twice"},
		{"places.toml", `districts = ["siming", "huli"]`, `districts = ["siming", "gulou"]`, "unknown district"},
		{"places.toml", `"角美"`, `"杏林"`, "is in jimei already"},
		{"values.toml", `[settle]`, `[settel]`, "unknown key"},
		{"values.toml", `[settle]`, `[settle`, "not valid TOML"},
		{"values.toml", "hour = [\"小时\"", "decade = [\"小时\"", "unknown unit"},
		{"commands.toml", `intent = "nav.back"`, `intent = "nav.bakc"`, "unknown intent"},
		{"commands.toml", `"上一步"`, `"取消"`, "already"},
		{"intents.toml", `"@seek"]`, `"@seekk"]`, "no concept and no slot"},
		{"intents.toml", `reason = "fee"`, `reason = "feee"`, "unknown reason"},
		{"intents.toml", `confidence = 0.92`, `confidence = 9.2`, "confidence"},
		{"fields.toml", `birth = [`, `born = [`, "unknown kind of answer"},
	} {
		files := lexicon(t)
		raw := string(files[c.file].Data)
		if !strings.Contains(raw, c.old) {
			t.Fatalf("%s has no %s", c.file, c.old)
		}
		files[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(raw, c.old, c.new, 1))}
		_, err := understand.Load(files)
		if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: got %v, want %q", c.file, c.new, err, c.want)
		}
	}
	files := lexicon(t)
	delete(files, "places.toml")
	if _, err := understand.Load(files); bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), "places.toml") {
		t.Errorf("without places.toml: %v", err)
	}
}

func TestLexicon(t *testing.T) {
	t.Parallel()
	trades := words.Trades()
	if len(trades) != 66 {
		t.Errorf("%d trades, want 66", len(trades))
	}
	for _, tr := range trades {
		for _, name := range []string{string(tr.ID), tr.Name["zh-CN"], tr.Name["en"]} {
			if id, ok := words.Trade(name); !ok || id != tr.ID {
				t.Errorf("trade %q is %s, want %s", name, id, tr.ID)
			}
		}
		if words.TradeName(tr.ID, "fr") != tr.Name["zh-CN"] {
			t.Errorf("%s has no name in an unknown language", tr.ID)
		}
	}
	if _, ok := words.Trade("木工"); ok {
		t.Error("an ambiguous word was taken for a trade")
	}
	for _, d := range append([]bot.District{bot.Outside}, bot.Districts...) {
		if words.DistrictName(d, "zh-CN") == "" || words.DistrictName(d, "en") == words.DistrictName(d, "zh-CN") {
			t.Errorf("%s has no name in both languages", d)
		}
	}
	for name, want := range map[string]int{"同安": 1, "马项": 1, "莲花": 3, "岛内": 2, "岛外": 4, "厦门": 6, "角美": 1, "tongan": 1, "那里": 0, "": 0} {
		if got := words.Place(name); len(got) != want {
			t.Errorf("place %q: %v, want %d", name, got, want)
		}
	}
}
