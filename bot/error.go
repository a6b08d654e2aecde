package bot

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure an Error is, for callers that act on it.
type Code string

// The codes. A caller may retry only Unavailable and Conflict.
const (
	Invalid     Code = "invalid"     // the input is at fault; Field says where
	NotFound    Code = "not_found"   // there is no such thing
	Conflict    Code = "conflict"    // somebody else was first: reload and decide again
	Unavailable Code = "unavailable" // a store or a platform cannot be reached now
	Off         Code = "off"         // not configured; not a failure
	Internal    Code = "internal"    // a fault of ours
)

// Error is the one error type of Yilu. Its text is for operators: it names the field, what is wrong with it and the
// way out, never a secret and never a personal value. What a worker reads comes from the locales instead.
type Error struct {
	Code  Code
	Op    string // what was being done: "import posts"
	Field string // which input: "posts.csv:7 pay_max"
	Say   string // what is wrong, and the way out
	Err   error  // the cause, if another error was one
}

// Error joins the parts that are set.
func (e *Error) Error() string {
	parts := make([]string, 0, 4)
	for _, p := range []string{e.Op, e.Field, e.Say} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if len(parts) == 0 {
		return string(e.Code)
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a code; a %w among the arguments becomes the cause.
func Errorf(code Code, op, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	if cause := errors.Unwrap(err); cause != nil {
		return &Error{Code: code, Op: op, Err: err}
	}
	return &Error{Code: code, Op: op, Say: err.Error()}
}

// CodeOf returns the code of the first Error in err's chain, "" for nil and Internal for any other error.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
