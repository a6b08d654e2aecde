package wechat_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"yilu/adapters/wechat"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
)

// TestMenuOfYilu: the menu that is shipped is one that WeChat takes, and arrives as it was written.
func TestMenuOfYilu(t *testing.T) {
	t.Parallel()
	const file = "../../locales/menus/wechat.toml"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	menu, err := wechat.ReadMenu(raw, file)
	if err != nil {
		t.Fatal(err)
	}
	k := newAPIKit(t)
	if now, err := k.CurrentMenu(t.Context()); err != nil || len(now.Buttons) != 0 {
		t.Errorf("%v %v: an account without a menu has one", now, err)
	}
	if err := k.PushMenu(t.Context(), menu); err != nil {
		t.Fatal(err)
	}
	now, err := k.CurrentMenu(t.Context())
	if err != nil || !reflect.DeepEqual(now, menu) {
		t.Errorf("%v\npushed %+v\nhas    %+v", err, menu, now)
	}
	if len(menu.Buttons) != 3 {
		t.Errorf("%d buttons", len(menu.Buttons))
	}
}

// TestMenuFaults: each fault names the file and the entry, what is wrong and the way out.
func TestMenuFaults(t *testing.T) {
	t.Parallel()
	entry := func(lines string) string { return "[[button]]\nname = \"我的\"\n[[button.sub]]\n" + lines }
	for name, c := range map[string]struct {
		toml string
		says []string
	}{
		"no TOML":          {"[[button\n", []string{"TOML"}},
		"nothing":          {"", []string{"0 entries", "1 to 3"}},
		"four at the top":  {strings.Repeat("[[button]]\nname = \"a\"\nkey = \"i:nav.home\"\n", 4), []string{"4 entries", "1 to 3"}},
		"six below":        {"[[button]]\nname = \"a\"\n" + strings.Repeat("[[button.sub]]\nname = \"b\"\nkey = \"i:nav.home\"\n", 6), []string{`button 1 "a"`, "6 entries", "take some out"}},
		"long at the top":  {"[[button]]\nname = \"保险与维权啊\"\nkey = \"i:nav.home\"\n", []string{`button 1 "保险与维权啊"`, "18 bytes", "16", "5 Chinese characters", "shorten"}},
		"long below":       {entry("name = \"" + strings.Repeat("活", 14) + "\"\nkey = \"i:nav.home\""), []string{"button 1.1", "42 bytes", "40", "13 Chinese characters"}},
		"no name":          {entry("key = \"i:nav.home\""), []string{"button 1.1", "no name"}},
		"line in a name":   {entry("name = \"a\\nb\"\nkey = \"i:nav.home\""), []string{"cannot be shown"}},
		"does nothing":     {entry("name = \"a\""), []string{"button 1.1", "does nothing", "give it"}},
		"nothing below":    {"[[button]]\nname = \"a\"\n", []string{"button 1", "does nothing"}},
		"both":             {entry("name = \"a\"\nkey = \"i:nav.home\"\nurl = \"https://chat.example.com/\""), []string{"button 1.1", "url", "take it out"}},
		"key of a view":    {entry("name = \"a\"\ntype = \"view\"\nkey = \"i:nav.home\"\nurl = \"https://chat.example.com/\""), []string{"button 1.1", "key", "take it out"}},
		"key and entries":  {"[[button]]\nname = \"a\"\nkey = \"i:nav.home\"\n[[button.sub]]\nname = \"b\"\nkey = \"i:nav.home\"\n", []string{"button 1", "entries of its own"}},
		"another type":     {entry("name = \"a\"\ntype = \"scancode_push\"\nkey = \"i:nav.home\""), []string{"scancode_push", "click or view"}},
		"no intent":        {entry("name = \"a\"\nkey = \"V1001\""), []string{"V1001", "i:jobs.search"}},
		"empty intent":     {entry("name = \"a\"\nkey = \"i:\""), []string{"i:jobs.search"}},
		"long key":         {entry("name = \"a\"\nkey = \"i:" + strings.Repeat("a", 63) + "\""), []string{"65 bytes", "64"}},
		"http":             {entry("name = \"a\"\nurl = \"http://chat.example.com/\""), []string{"https://"}},
		"no address":       {entry("name = \"a\"\nurl = \"https:\""), []string{"https://"}},
		"long address":     {entry("name = \"a\"\nurl = \"https://chat.example.com/" + strings.Repeat("a", 1001) + "\""), []string{"1026 bytes", "1024"}},
		"a third level":    {entry("name = \"a\"\nkey = \"i:nav.home\"\n[[button.sub.sub]]\nname = \"b\"\nkey = \"i:nav.home\""), []string{"two levels"}},
		"unknown setting":  {entry("name = \"a\"\nkeys = \"i:nav.home\"\nkey = \"i:nav.home\""), []string{"button.sub.keys", "name, type, key, url"}},
		"two at once":      {entry("name = \"\"\nkey = \"x\""), []string{"no name", "i:jobs.search"}},
		"number as a name": {entry("name = 7\nkey = \"i:nav.home\""), []string{"TOML"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			menu, err := wechat.ReadMenu([]byte(c.toml), "menu.toml")
			if bot.CodeOf(err) != bot.Invalid || len(menu.Buttons) != 0 {
				t.Fatalf("%v %v", menu, err)
			}
			for _, want := range append(c.says, "menu.toml") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
		})
	}
}

// TestPushMenuChecks: a menu that was not read from a file is checked as well, and not sent.
func TestPushMenuChecks(t *testing.T) {
	t.Parallel()
	k := newAPIKit(t)
	apiInvalid(t, k.PushMenu(t.Context(), wechat.Menu{}), "menu")
	apiInvalid(t, k.PushMenu(t.Context(), wechat.Menu{Buttons: []wechat.Button{{Name: "a", Type: "click", Key: "x"}}}), "button 1")
	if k.api.Calls("stable_token") != 0 {
		t.Error("the platform was called")
	}
}

// TestConsoleMenu: a menu that was made in the console is told as it is.
func TestConsoleMenu(t *testing.T) {
	t.Parallel()
	api := newAPIKit(t)
	api.api.Fail("get_current_selfmenu_info", consoleMenu, 1)
	menu, err := api.CurrentMenu(t.Context())
	want := wechat.Menu{Buttons: []wechat.Button{
		{Name: "【示例】文字", Type: "text", Key: "您好"},
		{Name: "更多", Sub: []wechat.Button{{Name: "网页", Type: "view", URL: "https://chat.example.com/"}, {Name: "图", Type: "img", Key: "M1"}}},
	}}
	if err != nil || !reflect.DeepEqual(menu, want) {
		t.Errorf("%v\n%+v\n%+v", err, menu, want)
	}
}

var consoleMenu = wechattest.Fault{Body: `{"is_menu_open":1,"selfmenu_info":{"button":[
	{"type":"text","name":"【示例】文字","value":"您好"},
	{"name":"更多","sub_button":{"list":[{"type":"view","name":"网页","url":"https://chat.example.com/"},{"type":"img","name":"图","value":"M1"}]}}]}}`}
