package telegram

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/go-telegram/bot/models"
)

// update is what the channel reads of an update. It is not models.Update: that one refuses the whole update when it
// meets a kind of origin, reaction or chat member that it does not know yet, and a worker who forwards something in
// next year's Telegram would never be answered. What is not read here cannot fail.
type update struct {
	ID      *int64   `json:"update_id"`
	Message *message `json:"message"`
	Edited  *message `json:"edited_message"`
	Pressed *query   `json:"callback_query"`
	Member  *member  `json:"my_chat_member"`
}

// allowed is what Telegram is asked to send: what update has fields for.
var allowed = []string{
	models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage, models.AllowedUpdateCallbackQuery, models.AllowedUpdateMyChatMember,
}

type message struct {
	ID       int64        `json:"message_id"`
	Thread   int          `json:"message_thread_id"`
	InThread bool         `json:"is_topic_message"`
	From     *models.User `json:"from"`
	Chat     models.Chat  `json:"chat"`
	Date     int64        `json:"date"` // seconds since 1970
	ReplyTo  *struct {
		From *models.User `json:"from"`
	} `json:"reply_to_message"`
	Text     string   `json:"text"`
	Caption  string   `json:"caption"`
	Entities []entity `json:"entities"`

	Photo     []models.PhotoSize `json:"photo"`
	Voice     *models.Voice      `json:"voice"`
	Audio     *models.Audio      `json:"audio"`
	Video     *models.Video      `json:"video"`
	VideoNote *models.VideoNote  `json:"video_note"`
	Animation *models.Animation  `json:"animation"` // comes with Document
	Document  *models.Document   `json:"document"`
	Venue     *models.Venue      `json:"venue"` // comes with Location
	Location  *models.Location   `json:"location"`
	Contact   *models.Contact    `json:"contact"`

	service
}

// service is what Telegram itself says in a private chat. Nobody has written anything.
type service struct {
	Pinned       there `json:"pinned_message"`
	Timer        there `json:"message_auto_delete_timer_changed"`
	Write        there `json:"write_access_allowed"`
	Website      there `json:"connected_website"`
	Background   there `json:"chat_background_set"`
	Users        there `json:"users_shared"`
	Shared       there `json:"chat_shared"`
	Proximity    there `json:"proximity_alert_triggered"`
	Paid         there `json:"successful_payment"`
	Refunded     there `json:"refunded_payment"`
	Gift         there `json:"gift"`
	Unique       there `json:"unique_gift"`
	TopicMade    there `json:"forum_topic_created"`
	TopicEdited  there `json:"forum_topic_edited"`
	TopicClosed  there `json:"forum_topic_closed"`
	TopicOpened  there `json:"forum_topic_reopened"`
	MigrateTo    there `json:"migrate_to_chat_id"`
	MigratedFrom there `json:"migrate_from_chat_id"`
}

// entity is a marked part of a text, without its place: that is counted in UTF-16 units, and cutting by it is a trap.
type entity struct {
	Type models.MessageEntityType `json:"type"`
	User *struct {
		ID int64 `json:"id"`
	} `json:"user"`
}

// query is a button that was pressed.
type query struct {
	ID      string      `json:"id"`
	From    models.User `json:"from"`
	Message *struct {
		ID   int64       `json:"message_id"`
		Date int64       `json:"date"` // 0: too old to be changed
		Chat models.Chat `json:"chat"`
	} `json:"message"`
	Data string `json:"data"`
}

// member is a change of what the bot is in a chat.
type member struct {
	From models.User  `json:"from"`
	Chat models.Chat  `json:"chat"`
	Date int64        `json:"date"`
	Now  memberStatus `json:"new_chat_member"`
}

type memberStatus struct {
	Status models.ChatMemberType `json:"status"`
}

// there is a field of which only matters that it is there.
type there bool

// UnmarshalJSON notes that the field is there.
func (t *there) UnmarshalJSON(raw []byte) error {
	*t = string(raw) != "null"
	return nil
}

// unread is a body that is no update that can be read.
type unread struct {
	update bool   // it is one of Telegram's all the same: an object with an update_id. It would come again and again
	id     int64  // its number, 0 if that cannot be read
	why    string // nothing of the content
}

// decode reads an update, or says why that is not possible.
func decode(raw []byte) (*update, *unread) {
	var u update
	err := json.Unmarshal(raw, &u)
	if err == nil && u.ID != nil {
		return &u, nil
	}
	var sign struct {
		ID json.RawMessage `json:"update_id"`
	}
	if json.Unmarshal(raw, &sign) != nil {
		return nil, &unread{why: "the body is no JSON object of an update"}
	}
	if len(sign.ID) == 0 || string(sign.ID) == "null" {
		return nil, &unread{why: "update_id is missing"}
	}
	bad := &unread{update: true, why: "a field has another form than Telegram's documentation says"}
	_ = json.Unmarshal(sign.ID, &bad.id)
	var form *json.UnmarshalTypeError
	if errors.As(err, &form) && form.Field != "" {
		bad.why += ": " + form.Field
	}
	return nil, bad
}

// logUnread tells of an update that is left out. To try again would help nobody, and hold up what is behind it.
func (c *channel) logUnread(ctx context.Context, bad *unread) {
	c.host.Log().ErrorContext(ctx, "telegram: left an update out that cannot be read", "update", bad.id, "why", bad.why)
}
