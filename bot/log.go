package bot

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Failure is what a log may say of an error, as attributes: its code, and what an Error or a SendError says itself. The
// cause is left out, because it may quote what somebody wrote.
func Failure(err error) []any {
	var send *SendError
	if errors.As(err, &send) {
		return []any{"call", send.Call, "fault", string(send.Fault), "errcode", send.Code, "say", send.Say}
	}
	attrs := []any{"code", string(CodeOf(err))}
	var e *Error
	if errors.As(err, &e) {
		attrs = append(attrs, "op", e.Op, "field", e.Field, "say", e.Say)
	}
	return attrs
}

// Panicked is what a log may say of a panic, as attributes: where it was, and its type, because its value may quote what
// somebody wrote; of one that the runtime made, its text too. It is for the function that recovers.
func Panicked(p any) []any {
	what := fmt.Sprintf("%T", p)
	if fault, ok := p.(runtime.Error); ok {
		what = fault.Error()
	}
	return []any{"what", what, "stack", string(debug.Stack())}
}
