package wechat

import "context"

// menuEntry is a button as the platform writes it.
type menuEntry struct {
	Type string      `json:"type,omitempty"`
	Name string      `json:"name"`
	Key  string      `json:"key,omitempty"`
	URL  string      `json:"url,omitempty"`
	Sub  []menuEntry `json:"sub_button,omitempty"`
}

// PushMenu makes m the account's menu (menu/create), in place of the one before, whoever made that. Phones show it when
// their copy is older than 5 minutes and the conversation is opened again, or after following anew. An Error of code
// Invalid says that the menu is none; nothing was sent then.
func (c *Client) PushMenu(ctx context.Context, m Menu) error {
	if err := m.check(""); err != nil {
		return err
	}
	body := struct {
		Buttons []menuEntry `json:"button"`
	}{entries(m.Buttons)}
	return c.call(ctx, request{path: "menu/create", body: body, repeat: harmless}, nil)
}

func entries(buttons []Button) []menuEntry {
	var all []menuEntry
	for _, b := range buttons {
		all = append(all, menuEntry{b.Type, b.Name, b.Key, b.URL, entries(b.Sub)})
	}
	return all
}

// shownEntry is a button as the platform tells it: what a menu made in the console does stands in value.
type shownEntry struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Key   string `json:"key"`
	URL   string `json:"url"`
	Value string `json:"value"`
	Sub   struct {
		List []shownEntry `json:"list"`
	} `json:"sub_button"`
}

// CurrentMenu returns the menu that the account has now, whether it was pushed or made in the console
// (get_current_selfmenu_info); the zero Menu if it has none or it is switched off. Of a menu from the console, types
// may be others than click and view, with what they do as Key.
func (c *Client) CurrentMenu(ctx context.Context) (Menu, error) {
	var answer struct {
		Open *int `json:"is_menu_open"`
		Menu struct {
			Buttons []shownEntry `json:"button"`
		} `json:"selfmenu_info"`
	}
	r := request{path: "get_current_selfmenu_info", repeat: harmless, bare: true}
	if err := c.call(ctx, r, &answer); err != nil {
		return Menu{}, err
	}
	switch {
	case answer.Open == nil:
		return Menu{}, r.unknown(0, "the answer holds no menu")
	case *answer.Open == 0:
		return Menu{}, nil
	}
	return Menu{buttons(answer.Menu.Buttons)}, nil
}

func buttons(shown []shownEntry) []Button {
	var all []Button
	for _, s := range shown {
		b := Button{Name: s.Name, Type: s.Type, Key: s.Key, URL: s.URL, Sub: buttons(s.Sub.List)}
		if b.Key == "" && b.URL == "" {
			b.Key = s.Value
		}
		all = append(all, b)
	}
	return all
}
