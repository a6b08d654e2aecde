package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"time"

	"yilu/adapters/wechat"
	"yilu/bot"
	"yilu/dialogs"
	"yilu/locales"
)

type wechatCommand struct {
	Menu wechatMenuCommand `cmd:"" help:"Show the menu of the official account beside the one in a file, or give that to the account."`
}

// builtInMenu is the menu that is shipped, in the locales.
const builtInMenu = "menus/wechat.toml"

type wechatMenuCommand struct {
	File string `help:"File with the menu, in TOML; the built-in one if none is named." placeholder:"FILE"`
	Push bool   `help:"Make it the menu of the account."`

	AppID  string `help:"AppID of the official account." name:"wechat-app-id" env:"YILU_WECHAT_APP_ID"`
	Secret string `help:"AppSecret of the official account." name:"wechat-app-secret" env:"YILU_WECHAT_APP_SECRET"`
	API    string `help:"Address of the API, if not WeChat's own." name:"wechat-api-url" env:"YILU_WECHAT_API_URL"`
}

// Run shows the menu of the file and, if the account is set, the one that the account has, or pushes. Nothing is pushed
// that WeChat or a dialogue would not take.
func (c *wechatMenuCommand) Run(s *streams) error {
	menu, name, err := c.read()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Menu in %s:\n", name)
	showMenu(s.out, menu)
	if c.Secret == "" {
		const way = "set YILU_WECHAT_APP_ID and YILU_WECHAT_APP_SECRET, which stand in the account's settings on mp.weixin.qq.com"
		if c.Push {
			return &bot.Error{Code: bot.Off, Op: "push menu", Say: "no account is set; " + way}
		}
		fmt.Fprintln(s.out, "\nThe account was not asked for its menu: "+way+".")
		return nil
	}
	client, err := wechat.NewClient(wechat.ClientOptions{AppID: c.AppID, Secret: c.Secret, API: c.API, Now: time.Now, Log: logger(s.errs, slog.LevelWarn)})
	if err != nil {
		return err
	}
	if c.Push {
		if err := client.PushMenu(s.ctx, menu); err != nil {
			return err
		}
		fmt.Fprintln(s.out, "\nThe account has it now. Phones show it within 5 minutes, when the conversation is opened again; following the account anew shows it at once.")
		return nil
	}
	now, err := client.CurrentMenu(s.ctx)
	if err != nil {
		return err
	}
	switch {
	case len(now.Buttons) == 0:
		fmt.Fprintln(s.out, "\nThe account has no menu. --push gives it this one.")
	case reflect.DeepEqual(now, menu):
		fmt.Fprintln(s.out, "\nThe account has the same menu.")
	default:
		fmt.Fprintln(s.out, "\nThe account has another menu (--push replaces it):")
		showMenu(s.out, now)
	}
	return nil
}

// read reads the menu and checks it, down to the intents that it names.
func (c *wechatMenuCommand) read() (menu wechat.Menu, name string, err error) {
	var raw []byte
	if name = c.File; name == "" {
		name = "locales/" + builtInMenu
		raw, err = fs.ReadFile(locales.Files, builtInMenu)
	} else {
		raw, err = os.ReadFile(name)
	}
	if err != nil {
		return menu, name, &bot.Error{Code: bot.NotFound, Op: "read menu", Field: name, Say: "the file cannot be read", Err: err}
	}
	if menu, err = wechat.ReadMenu(raw, name); err != nil {
		return menu, name, err
	}
	known := pressable()
	var faults []error
	for _, top := range menu.Buttons {
		for _, b := range append([]wechat.Button{top}, top.Sub...) {
			intent, is := strings.CutPrefix(b.Key, "i:")
			if is && !known[bot.Intent(intent)] {
				faults = append(faults, &bot.Error{Code: bot.Invalid, Op: "read menu", Field: fmt.Sprintf("%s %q", name, b.Name),
					Say: fmt.Sprintf("no dialogue takes %q; the intents stand in bot/meaning.go, and `yilu diagram` shows which dialogue takes which", intent)})
			}
		}
	}
	return menu, name, errors.Join(faults...)
}

// pressable is the intents that mean something at any time: those of the dialogues, and those that the engine answers
// itself. Not among them is what only answers a question, such as the next page.
func pressable() map[bot.Intent]bool {
	known := map[bot.Intent]bool{
		bot.NavBack: true, bot.NavCancel: true, bot.NavHome: true, bot.NavHelp: true, bot.NavRestart: true,
		bot.LangChinese: true, bot.LangEnglish: true,
	}
	for _, d := range dialogs.All() {
		for _, intent := range d.Intents {
			known[intent] = intent != bot.TooYoung
		}
	}
	return known
}

func showMenu(w io.Writer, menu wechat.Menu) {
	for _, top := range menu.Buttons {
		fmt.Fprintln(w, "  "+entry(top))
		for _, b := range top.Sub {
			fmt.Fprintln(w, "    "+entry(b))
		}
	}
}

// entry is a button in a line.
func entry(b wechat.Button) string {
	does := b.Key + b.URL
	if does == "" {
		return b.Name
	}
	if b.Type != "click" && b.Type != "view" {
		does = b.Type + " " + does
	}
	return b.Name + "  " + does
}
