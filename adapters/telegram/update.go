package telegram

import (
	"encoding/json"

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

// decode reads an update, or says why it is none.
func decode(raw []byte) (*update, string) {
	var u update
	if err := json.Unmarshal(raw, &u); err != nil {
		return nil, "the body is no JSON object of an update"
	}
	if u.ID == nil {
		return nil, "update_id is missing"
	}
	return &u, ""
}
