package engine

import (
	"encoding/json"

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
