package telegramtest

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// date is when everything happens that the fake makes up: 2026-11-23 08:05 in Xiamen.
const date = 1795392300

// Deliver is the request with which Telegram posts an update to a webhook.
func Deliver(target, secret string, update []byte) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(update))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	return r, nil
}

// Text is an update: somebody writes in a private chat.
func Text(update, message, user int64, lang, text string) []byte {
	return private("message", update, message, user, lang, fields{"text": text})
}

// Edited is an update: somebody changed what they wrote.
func Edited(update, message, user int64, lang, text string) []byte {
	return private("edited_message", update, message, user, lang, fields{"text": text, "edit_date": date + 5})
}

// Contact is an update: somebody sends a number, their own or another's.
func Contact(update, message, user int64, lang, phone string, own bool) []byte {
	card := fields{"phone_number": phone, "first_name": "【示例】"}
	if own {
		card["user_id"] = user
	}
	return private("message", update, message, user, lang, fields{"contact": card})
}

// Location is an update: somebody shares a place.
func Location(update, message, user int64, lang string, lat, lng float64) []byte {
	return private("message", update, message, user, lang, fields{"location": fields{"latitude": lat, "longitude": lng}})
}

// Photo is an update: somebody sends a photo, in two sizes of which id is the larger.
func Photo(update, message, user int64, lang, id, caption string) []byte {
	return private("message", update, message, user, lang, fields{"caption": caption, "photo": []fields{
		{"file_id": id + "-small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 1200},
		{"file_id": id, "file_unique_id": "l", "width": 1280, "height": 853, "file_size": 180000},
	}})
}

// Voice is an update: somebody sends a recording.
func Voice(update, message, user int64, lang, id string) []byte {
	return private("message", update, message, user, lang, fields{"voice": fields{
		"file_id": id, "file_unique_id": "v", "duration": 4, "mime_type": "audio/ogg", "file_size": 9000,
	}})
}

// Document is an update: somebody sends a file.
func Document(update, message, user int64, lang, id, name string) []byte {
	return private("message", update, message, user, lang, fields{"document": fields{
		"file_id": id, "file_unique_id": "d", "file_name": name, "mime_type": "application/pdf", "file_size": 52000,
	}})
}

// Sticker is an update: somebody sends a picture that says nothing.
func Sticker(update, message, user int64, lang string) []byte {
	return private("message", update, message, user, lang, fields{"sticker": fields{
		"file_id": "sticker", "file_unique_id": "t", "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false,
	}})
}

// Press is an update: somebody presses a button under a message of the bot's.
func Press(update, message, user int64, lang, query, data string) []byte {
	return encode(fields{"update_id": update, "callback_query": fields{
		"id": query, "from": person(user, lang), "data": data, "chat_instance": "1",
		"message": fields{"message_id": message, "date": date, "chat": chat(user), "text": "【示例】"},
	}})
}

// Member is an update: somebody blocks the bot, with the status "kicked", or lets it in again, with "member".
func Member(update, user int64, lang, status string) []byte {
	was := map[string]string{"kicked": "member", "member": "kicked"}[status]
	bot := fields{"id": 1, "is_bot": true, "first_name": "【示例】"}
	return encode(fields{"update_id": update, "my_chat_member": fields{
		"chat": chat(user), "from": person(user, lang), "date": date,
		"old_chat_member": fields{"status": was, "user": bot}, "new_chat_member": fields{"status": status, "user": bot},
	}})
}

// Group is an update: somebody writes in a group that the bot is in.
func Group(update, message, group, user int64, lang, text string) []byte {
	return encode(fields{"update_id": update, "message": fields{
		"message_id": message, "date": date, "from": person(user, lang), "text": text,
		"chat": fields{"id": group, "type": "supergroup", "title": "【示例】"},
	}})
}

// ChannelPost is an update: a channel that the bot is in says something.
func ChannelPost(update, message, channel int64, text string) []byte {
	return encode(fields{"update_id": update, "channel_post": fields{
		"message_id": message, "date": date, "text": text, "chat": fields{"id": channel, "type": "channel", "title": "【示例】"},
	}})
}

type fields map[string]any

func private(kind string, update, message, user int64, lang string, more fields) []byte {
	m := fields{"message_id": message, "date": date, "from": person(user, lang), "chat": chat(user)}
	for name, value := range more {
		if value != "" {
			m[name] = value
		}
	}
	return encode(fields{"update_id": update, kind: m})
}

func person(user int64, lang string) fields {
	p := fields{"id": user, "is_bot": false, "first_name": "【示例】"}
	if lang != "" {
		p["language_code"] = lang
	}
	return p
}

func chat(user int64) fields {
	return fields{"id": user, "type": "private", "first_name": "【示例】"}
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // only plain values get here
	}
	return raw
}
