package engine

import (
	"encoding/json"
	"fmt"
	"reflect"

	jsonv2 "github.com/go-json-experiment/json"

	"yilu/bot"
)

// Rewrite reads a session and writes it twice: as it is kept, and by encoding/json.
func Rewrite(raw []byte) (kept, standard []byte, err error) {
	s, err := readSession(raw)
	if err != nil {
		return nil, nil, err
	}
	standard, err = json.Marshal(s)
	return writeSession(s), standard, err
}

// RewriteReply does so with a reply.
func RewriteReply(r bot.Reply) (kept, standard []byte, err error) {
	standard, err = json.Marshal(r)
	return writeReply(&r), standard, err
}

// Differ reads a session both ways. It says how the two differ, "" if they do not, and whether it was read by hand.
func Differ(raw []byte) (how string, byHand bool) {
	mine, standard := &session{}, &session{}
	r := reader{rest: string(raw)}
	if byHand = r.whole(mine); !byHand {
		return "", false
	}
	if err := jsonv2.Unmarshal(raw, standard); err != nil {
		return err.Error(), true
	}
	if !reflect.DeepEqual(mine, standard) {
		return fmt.Sprintf("read\n%s\nwant\n%s", writeSession(mine), writeSession(standard)), true
	}
	return "", true
}

// LoggedID is how the log names a message that came by a channel which speaks in somebody's session.
func LoggedID(via, from bot.Identity, id string) string {
	return input{Message: bot.Message{ID: id, From: from}, via: via}.came().ID
}
