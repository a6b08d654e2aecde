package records

import (
	"encoding/json"
	"errors"
	"strings"

	"yilu/bot"
)

// misread turns the failure to read a row into an Error. The text of the cause may hold a value of the row, so it is
// left out unless it comes from the database.
func (r *Records) misread(op string, err error) error {
	var syntax *json.SyntaxError
	var misfit *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &misfit) || strings.HasPrefix(err.Error(), "sql: Scan error") {
		return &bot.Error{Code: bot.Internal, Op: op, Say: "a row holds what this version cannot read; was it written by a newer one?"}
	}
	return r.db.Fault(op, err)
}

// pack writes a list as JSON text, "[]" for none.
func pack[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	raw, err := json.Marshal(list)
	return string(raw), err
}

// unpack reads such a list, nil for none.
func unpack[T any](text string, list *[]T) error {
	if text == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(text), list)
}
