package telegramtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBatch is the most updates that one getUpdates gets.
const maxBatch = 100

// readParams reads parameters however they come: as a form of parts, as a form, or as JSON.
func readParams(r *http.Request) (map[string]string, error) {
	params := map[string]string{}
	raw, err := io.ReadAll(r.Body)
	if err != nil || len(raw) == 0 {
		return params, err
	}
	kind := r.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "application/json") {
		return jsonParams(raw)
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	if strings.HasPrefix(kind, "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return nil, err
	}
	for name, values := range r.Form {
		params[name] = values[0]
	}
	return params, nil
}

func jsonParams(raw []byte) (map[string]string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fmt.Errorf("can't parse the request: %w", err)
	}
	params := make(map[string]string, len(fields))
	for name, value := range fields {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		params[name] = text
	}
	return params, nil
}

// do carries out a call, with the lock.
func (p *Platform) do(c Call) (any, Failure) {
	bad := func(description string) (any, Failure) {
		return nil, Failure{Status: 400, Description: "Bad Request: " + description}
	}
	switch c.Method {
	case "getMe":
		id, _, _ := strings.Cut(p.Token, ":")
		n, _ := strconv.ParseInt(id, 10, 64)
		return map[string]any{"id": n, "is_bot": true, "first_name": "【示例】", "username": "sample_bot"}, Failure{}
	case "setWebhook":
		if !strings.HasPrefix(c.Params["url"], "https://") {
			return bad("bad webhook: An HTTPS URL must be provided for webhook")
		}
		p.webhook = Webhook{URL: c.Params["url"], Secret: c.Params["secret_token"]}
		_ = json.Unmarshal([]byte(c.Params["allowed_updates"]), &p.webhook.Allowed)
		p.webhook.MaxConnections, _ = strconv.Atoi(c.Params["max_connections"])
		if c.Params["drop_pending_updates"] == "true" {
			p.updates = nil
		}
		return true, Failure{}
	case "deleteWebhook":
		p.webhook = Webhook{}
		return true, Failure{}
	case "setMyCommands":
		return p.setMyCommands(c, bad)
	case "sendMessage":
		if _, err := show(c); err != nil {
			return bad(err.Error())
		}
		p.messages++
		chat, _ := strconv.ParseInt(c.Params["chat_id"], 10, 64)
		return map[string]any{"message_id": p.messages, "date": date, "chat": map[string]any{"id": chat, "type": "private"}, "text": c.Params["text"]}, Failure{}
	case "answerCallbackQuery":
		if c.Params["callback_query_id"] == "" {
			return bad("query is too old and response timeout expired or query ID is invalid")
		}
		return true, Failure{}
	case "editMessageReplyMarkup":
		if c.Params["chat_id"] == "" || c.Params["message_id"] == "" {
			return bad("message identifier is not specified")
		}
		chat, _ := strconv.ParseInt(c.Params["chat_id"], 10, 64)
		id, _ := strconv.ParseInt(c.Params["message_id"], 10, 64)
		return map[string]any{"message_id": id, "date": date, "chat": map[string]any{"id": chat, "type": "private"}}, Failure{}
	case "getFile":
		f, ok := p.files[c.Params["file_id"]]
		if !ok {
			return bad("invalid file_id")
		}
		if len(f.body) > 20<<20 {
			return bad("file is too big")
		}
		id := c.Params["file_id"]
		return map[string]any{"file_id": id, "file_unique_id": id, "file_size": len(f.body), "file_path": "files/" + id}, Failure{}
	}
	return nil, Failure{Status: 404, Description: "Not Found: method not found"}
}

func (p *Platform) setMyCommands(c Call, bad func(string) (any, Failure)) (any, Failure) {
	var list []struct{ Command, Description string }
	if err := json.Unmarshal([]byte(c.Params["commands"]), &list); err != nil || len(list) > 100 {
		return bad("can't parse commands")
	}
	for _, cmd := range list {
		odd := strings.ContainsFunc(cmd.Command, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' })
		if odd || cmd.Command == "" || len(cmd.Command) > 32 {
			return bad("BOT_COMMAND_INVALID")
		}
		if n := units(cmd.Description); n < 1 || n > 256 {
			return bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	if code := c.Params["language_code"]; code != "" && len(code) != 2 {
		return bad("invalid language code specified")
	}
	return true, Failure{}
}

// getUpdates drops what is confirmed and holds an empty answer until there is something, the time is over, the caller
// has gone, or another call takes its place.
func (p *Platform) getUpdates(w http.ResponseWriter, r *http.Request, c Call) {
	offset, _ := strconv.ParseInt(c.Params["offset"], 10, 64)
	seconds, _ := strconv.Atoi(c.Params["timeout"])
	late := time.NewTimer(time.Duration(seconds) * time.Second)
	defer late.Stop()
	p.mu.Lock()
	p.polling++
	mine := p.polling
	for len(p.updates) > 0 && p.updates[0].id < offset && offset != p.forgot {
		p.updates = p.updates[1:]
	}
	p.change()
	p.mu.Unlock()
	for {
		p.mu.Lock()
		taken, hooked, changed := p.polling != mine, p.webhook.URL != "", p.changed
		batch := p.updates[:min(len(p.updates), maxBatch)]
		p.mu.Unlock()
		switch {
		case hooked:
			refuse(w, Failure{Status: 409, Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"})
			return
		case taken:
			refuse(w, Failure{Status: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"})
			return
		case len(batch) > 0 || seconds == 0:
			result := make([]json.RawMessage, len(batch))
			for i, u := range batch {
				result[i] = u.raw
			}
			answer(w, result)
			return
		}
		select {
		case <-changed:
		case <-late.C:
			seconds = 0
		case <-r.Context().Done():
			return
		}
	}
}

func answer(w http.ResponseWriter, result any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result})
}

func refuse(w http.ResponseWriter, f Failure) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	body := map[string]any{"ok": false, "error_code": f.Status, "description": f.Description}
	if f.Params != (Params{}) {
		body["parameters"] = f.Params
	}
	_ = json.NewEncoder(w).Encode(body)
}

// fail gives a failure that was asked for.
func fail(w http.ResponseWriter, r *http.Request, f Failure) {
	switch {
	case f.Hang:
		<-r.Context().Done()
	case f.Break:
		panic(http.ErrAbortHandler)
	case f.HTML:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, "<html><head><title>"+http.StatusText(f.Status)+"</title></head><body>"+f.Description+"</body></html>")
	default:
		refuse(w, f)
	}
}
