package wechat_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yilu/adapters/adaptertest"
	"yilu/bot"
)

// recogniser is one for tests.
type recogniser func(ctx context.Context, recording bot.Media, lang string) (string, error)

func (r recogniser) Recognise(ctx context.Context, recording bot.Media, lang string) (string, error) {
	return r(ctx, recording, lang)
}

// TestRecogniser holds that a voice message is taken with what was understood of it, and without where that fails or
// takes too long.
func TestRecogniser(t *testing.T) {
	t.Parallel()
	all := recogniser(func(_ context.Context, m bot.Media, _ string) (string, error) {
		_, err := io.ReadAll(m.Body)
		return "找活", err
	})
	for name, c := range map[string]struct {
		recognise   recogniser
		recognition string
		text        string
		after       time.Duration
		bytes       int // of the recording, 0 for a few
	}{
		"as large as it may be": {all, "", "找活", 0, 4 << 20},
		"larger":                {all, "", "", 0, 4<<20 + 1},
		"understood": {func(_ context.Context, m bot.Media, lang string) (string, error) {
			raw, err := io.ReadAll(m.Body)
			return string(raw) + lang + " 找活\x00 ", err
		}, "", "#!AMRzh-CN 找活", 0, 0},
		"by WeChat already":  {func(context.Context, bot.Media, string) (string, error) { return "wrong", nil }, "找活", "找活", 0, 0},
		"nothing understood": {func(context.Context, bot.Media, string) (string, error) { return " ", nil }, "", "", 0, 0},
		"fails":              {func(context.Context, bot.Media, string) (string, error) { return "", errors.New("找活") }, "", "", 0, 0},
		"panics":             {func(context.Context, bot.Media, string) (string, error) { panic("找活") }, "", "", 0, 0},
		"too long":           {func(context.Context, bot.Media, string) (string, error) { return strings.Repeat("找活", 1001), nil }, "", "", 0, 0},
		"hangs": {func(ctx context.Context, _ bot.Media, _ string) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}, "", "", 3 * time.Second, 0},
		"hangs whatever is said": {func(context.Context, bot.Media, string) (string, error) {
			time.Sleep(time.Minute)
			return "找活", nil
		}, "", "", 3 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mountSlow(t, appSecret, c.recognise)
				if c.bytes > 0 {
					s.api.recording = strings.Repeat("x", c.bytes)
				}
				start := time.Now()
				w := adaptertest.Do(t, s.h, s.a.Deliver(target, now, "1", s.a.Voice(openid, "1", now, "media1", c.recognition)))
				turns := s.host.Turns()
				if took := time.Since(start); w.Code != 200 || len(turns) != 1 || took != c.after {
					t.Fatalf("status %d after %v, turns %v", w.Code, took, turns)
				}
				if m := turns[0]; m.Text != c.text || m.Heard != (c.text != "") || len(m.Files) != 1 {
					t.Errorf("text %q, heard %v, %d files", m.Text, m.Heard, len(m.Files))
				}
				time.Sleep(2 * time.Minute)
				s.stop()
				if log := s.host.Logged(); strings.Contains(log, "找活") || strings.Contains(log, appSecret) {
					t.Errorf("logged %s", log)
				}
			})
		})
	}
}
