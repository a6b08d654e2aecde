package wechattest

import (
	"encoding/json"
	"net/http"
)

// menuEntry is a button as menu/create takes it.
type menuEntry struct {
	Type string      `json:"type,omitempty"`
	Name string      `json:"name"`
	Key  string      `json:"key,omitempty"`
	URL  string      `json:"url,omitempty"`
	Sub  []menuEntry `json:"sub_button,omitempty"`
}

// shownEntry is a button as get_current_selfmenu_info tells it.
type shownEntry struct {
	Type string    `json:"type,omitempty"`
	Name string    `json:"name"`
	Key  string    `json:"key,omitempty"`
	URL  string    `json:"url,omitempty"`
	Sub  *shownSub `json:"sub_button,omitempty"`
}

type shownSub struct {
	List []shownEntry `json:"list"`
}

// medium is a file.
type medium struct {
	kind  string
	data  []byte
	video string // the address that is told instead
}

// AddMedia keeps a file under a media id.
func (a *API) AddMedia(id, contentType string, data []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.media[id] = medium{kind: contentType, data: data}
}

// AddVideo keeps a video under a media id; it is told to be at address, "" for one of the API's own.
func (a *API) AddVideo(id, address string, data []byte) {
	if address == "" {
		address = a.URL + "/video/" + id
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.media[id] = medium{kind: "video/mp4", data: data, video: address}
}

// DropMedia loses a file, as the platform does after three days.
func (a *API) DropMedia(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.media, id)
}

func (a *API) mediaGet(c call) any {
	m, ok := a.media[c.query.Get("media_id")]
	switch {
	case !ok:
		return 40007
	case m.video != "":
		return map[string]string{"video_url": m.video}
	}
	return m
}

func (a *API) serveVideo(w http.ResponseWriter, id string) {
	a.mu.Lock()
	m, ok := a.media[id]
	a.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", m.kind)
	_, _ = w.Write(m.data)
}

// menuCreate keeps a menu, if it is of the sizes that the platform takes.
func (a *API) menuCreate(c call) any {
	var in struct {
		Buttons []menuEntry `json:"button"`
	}
	switch {
	case json.Unmarshal(c.body, &in) != nil:
		return 47001
	case !a.verified:
		return 48001
	case len(in.Buttons) < 1 || len(in.Buttons) > 3:
		return 40016
	}
	for _, b := range in.Buttons {
		if b.Name == "" || len(b.Name) > 16 {
			return 40018
		}
		if len(b.Sub) > 5 {
			return 40023
		}
		for _, s := range b.Sub {
			switch {
			case s.Name == "" || len(s.Name) > 40:
				return 40025
			case s.Type == "click" && (s.Key == "" || len(s.Key) > 128):
				return 40026
			case s.Type == "view" && (s.URL == "" || len(s.URL) > 1024):
				return 40027
			}
		}
		if len(b.Sub) == 0 && b.Type != "click" && b.Type != "view" {
			return 40017
		}
	}
	a.menu = in.Buttons
	return 0
}

func (a *API) menuInfo(call) any {
	if len(a.menu) == 0 {
		return map[string]any{"is_menu_open": 0}
	}
	return map[string]any{"is_menu_open": 1, "selfmenu_info": map[string]any{"button": shown(a.menu)}}
}

func shown(entries []menuEntry) []shownEntry {
	var all []shownEntry
	for _, e := range entries {
		s := shownEntry{Type: e.Type, Name: e.Name, Key: e.Key, URL: e.URL}
		if len(e.Sub) > 0 {
			s.Sub = &shownSub{shown(e.Sub)}
		}
		all = append(all, s)
	}
	return all
}
