package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"yilu/bot"
)

// TestLogsQuoteNobody holds that what a log gets of an error or a panic holds no cause and no value, which may quote what
// somebody wrote.
func TestLogsQuoteNobody(t *testing.T) {
	t.Parallel()
	quote := errors.New("cause that quotes somebody")
	failed := func(err error) string { return fmt.Sprint(bot.Failure(err)...) }
	panicked := func(run func()) (said string) {
		defer func() { said = fmt.Sprint(bot.Panicked(recover())[:2]...) }()
		run()
		return ""
	}
	for name, c := range map[string]struct{ got, want string }{
		"error":     {failed(&bot.Error{Code: bot.Unavailable, Op: "commit turn", Err: quote}), "commit turn"},
		"wrapped":   {failed(fmt.Errorf("%w: %w", &bot.Error{Code: bot.Invalid, Field: "key"}, quote)), "key"},
		"foreign":   {failed(quote), string(bot.Internal)},
		"send":      {failed(&bot.SendError{Fault: bot.Busy, Call: "sendMessage", Code: 502}), "502"},
		"panic":     {panicked(func() { panic("value that quotes somebody") }), "string"},
		"by itself": {panicked(func() { var list []int; _ = list[len(list)] }), "index out of range"},
	} {
		if !strings.Contains(c.got, c.want) || strings.Contains(c.got, "quotes somebody") {
			t.Errorf("%s: %s", name, c.got)
		}
	}
}
