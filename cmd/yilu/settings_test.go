package main_test

import (
	"bytes"
	"strings"
	"testing"
)

// TestModeIsNotQuoted: what is set as the mode may be a secret that was put in the wrong place, so the refusal names the
// setting and not its value, whichever way it was given.
func TestModeIsNotQuoted(t *testing.T) {
	t.Parallel()
	const token = "123456789:AAsampleTOKENMARKERsample_-0123456789"
	for name, c := range map[string]struct{ args, env []string }{
		"environment": {nil, []string{"YILU_TELEGRAM_MODE=" + token}},
		"flag":        {[]string{"--telegram-mode=" + token}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, false, append([]string{"serve", "--listen=127.0.0.1:0"}, c.args...)...)
			cmd.Env = append(append(cmd.Env, "YILU_TELEGRAM_TOKEN="+token), c.env...)
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			err := cmd.Run()
			if text := said.String(); err == nil || !strings.Contains(text, "YILU_TELEGRAM_MODE must") && !strings.Contains(text, "YILU_TELEGRAM_MODE: must") || strings.Contains(text, "MARKER") {
				t.Errorf("%v: %s", err, text)
			}
		})
	}
}
