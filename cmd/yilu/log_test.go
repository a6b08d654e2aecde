package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestLogsAreForPrograms holds that with YILU_LOG_FORMAT=json every line of a server's log is an object with the time, the
// level and the message, and that nothing of what somebody said, nor their number, is in one, at the finest level.
func TestLogsAreForPrograms(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--log-format=json", "--log-level=debug")
	p := newPerson(t, s.url)
	for i, l := range append(script, line{Text: "转人工"}, line{Text: "有人触电了"}) {
		if _, err := p.send(s.url, fmt.Sprintf("message-log-%02d", i), l); err != nil {
			s.hung(err)
			t.Fatal(err)
		}
	}
	s.stop()
	said := s.errs.String()
	seen := map[string]bool{}
	for _, raw := range strings.Split(strings.TrimSpace(said), "\n") {
		var one map[string]any
		if err := json.Unmarshal([]byte(raw), &one); err != nil {
			t.Errorf("no JSON: %s", raw)
			continue
		}
		for _, key := range []string{"time", "level", "msg"} {
			if one[key] == nil {
				t.Errorf("no %s: %s", key, raw)
			}
		}
		seen[fmt.Sprint(one["msg"])] = true
	}
	for _, msg := range []string{"channel is off", "stopping"} {
		if !seen[msg] {
			t.Errorf("no line says %q: %s", msg, said)
		}
	}
	for _, personal := range []string{"13800000000", "老陈", "触电", strings.TrimPrefix(p.cookie, "yilu=")} {
		if strings.Contains(said, personal) {
			t.Errorf("%q is in the log", personal)
		}
	}
}

// TestLogSettingsAreNotQuoted holds that a wrong value is refused by its setting's name.
func TestLogSettingsAreNotQuoted(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"YILU_LOG_FORMAT", "YILU_LOG_LEVEL"} {
		cmd := command(t, false, "serve", "--listen=127.0.0.1:0")
		cmd.Env = append(cmd.Env, setting+"=SECRET-MARKER")
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err == nil || !strings.Contains(said.String(), setting+": must be") || strings.Contains(said.String(), "MARKER") {
			t.Errorf("%s: %v: %s", setting, err, said.String())
		}
	}
	refused(t, yilu(t, nil, "serve", "--listen=127.0.0.1:0", "--drain=1h"), "YILU_DRAIN")
}
