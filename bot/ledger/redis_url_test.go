package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"yilu/bot"
	"yilu/bot/ledger"
)

// TestRedisURL holds what YILU_REDIS_URL can be, and that what it cannot be is refused with its name and nothing of it.
func TestRedisURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"redis://h":                               "[h:6379] db 0 as \"\" \"\" master \"\" \"\" \"\" cluster false tls false",
		"redis://h:1/3":                           "[h:1] db 3 as \"\" \"\" master \"\" \"\" \"\" cluster false tls false",
		"rediss://u:p%40%3A%2F%3F%23@h:1":         "[h:1] db 0 as \"u\" \"p@:/?#\" master \"\" \"\" \"\" cluster false tls true",
		"redis://:p@w@h:1":                        "[h:1] db 0 as \"\" \"p@w\" master \"\" \"\" \"\" cluster false tls false",
		"redis://u:p@h1:1,h2:2,h3":                "[h1:1 h2:2 h3:6379] db 0 as \"u\" \"p\" master \"\" \"\" \"\" cluster false tls false",
		"redis://u:p@h1:1,redis://u:p@h2:2":       "[h1:1 h2:2] db 0 as \"u\" \"p\" master \"\" \"\" \"\" cluster false tls false",
		"redis://h1:1,redis://h2:2":               "[h1:1 h2:2] db 0 as \"\" \"\" master \"\" \"\" \"\" cluster false tls false",
		"redis://h:1?cluster=true":                "[h:1] db 0 as \"\" \"\" master \"\" \"\" \"\" cluster true tls false",
		"redis://[::1]:7,[::2]":                   "[[::1]:7 [::2]:6379] db 0 as \"\" \"\" master \"\" \"\" \"\" cluster false tls false",
		"redis://:p@h1:1,h2:2/4?master_name=yilu": "[h1:1 h2:2] db 4 as \"\" \"p\" master \"yilu\" \"\" \"\" cluster false tls false",
		"redis://h1:1?master_name=m&sentinel_username=s&sentinel_password=p@ss": "[h1:1] db 0 as \"\" \"\" master \"m\" \"s\" \"p@ss\" cluster false tls false",
	} {
		o, err := ledger.ParseRedisURL(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		got := fmt.Sprintf("%v db %d as %q %q master %q %q %q cluster %v tls %v", o.Addrs, o.DB, o.Username, o.Password, o.MasterName,
			o.SentinelUsername, o.SentinelPassword, o.IsClusterMode, o.TLSConfig != nil)
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", url, got, want)
		}
	}
	const secret = "geheim"
	for _, url := range []string{
		"", "h:1", "http://h", "redis://", "redis://:geheim@", "redis://:geheim@h:1,", "redis://:12#geheim@h:1/1", "redis://h:1#geheim",
		"redis://:ge/heim@h:1", "redis://:geheim?x@h:1", "redis://:p,geheim@h1:1,h2:2", "redis://a:geheim@h1,redis://b:geheim@h2",
		"redis://h1,b:geheim@h2", "redis://h:geheim", "redis://h:0", "redis://h:99999", "redis://h:1/geheim", "redis://h:1/-1", "redis://h:1?geheim=1",
		"redis://h:1?cluster=geheim", "redis://h1,h2/3", "redis://:%zzgeheim@h", "redis://::1", "redis://u:geheim@h:1:2",
	} {
		_, err := ledger.ParseRedisURL(url)
		if bot.CodeOf(err) != bot.Invalid || !strings.Contains(err.Error(), "YILU_REDIS_URL") || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want it refused by name", url, err)
		}
	}
}
