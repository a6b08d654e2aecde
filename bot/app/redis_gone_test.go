package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat"
	"yilu/bot/app"
	"yilu/bot/storetest"
)

// TestRedisGone is TestLedgerAway with a real Redis: killed and started again, and stopped so that it hangs and then goes
// on. Within two seconds people are told, readiness says why, and both are well again; nothing is half done.
func TestRedisGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ away, back func(*storetest.Redis) error }{
		"killed": {(*storetest.Redis).Kill, (*storetest.Redis).Start},
		"hangs":  {(*storetest.Redis).Pause, (*storetest.Redis).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := storetest.RedisFor(t, storetest.RedisOptions{AppendOnly: "always"})
			a, _, _ := openChannels(t, t.TempDir(), func(c *app.Config) {
				rest := c.Settings
				c.Settings = func(name string) string {
					if name == "YILU_REDIS_URL" {
						return store.URL()
					}
					return rest(name)
				}
			})
			base, _ := serve(t, a)
			me := "__Host-" + cookie("redis"+name)
			ready := func() (int, string) { return answers(t, "/readyz", get(t, base+"/readyz", "")) }
			n := 0
			script := func(id, text string) (int, string) {
				return answers(t, "the script", say(t, base, me, fmt.Sprintf(`{"id":"message-%s","text":%q}`, id, text)))
			}
			telegram := func() (int, string) {
				r, err := telegramtest.Deliver(base+"/webhooks/telegram", telegramSecret, telegramtest.Text(1, 1, 7001, "zh-hans", "转人工"))
				if err != nil {
					t.Fatal(err)
				}
				return answers(t, "telegram", client(r))
			}
			weChat := func() (int, string) {
				n++
				xml := account.Text("openid-outage", "24000000000000001", morning, "转人工")
				return answers(t, "wechat", client(account.Deliver(base+wechat.Route, morning, fmt.Sprint("9000", n), xml)))
			}
			if status, body := script("before-1", "你好"); status != http.StatusOK {
				t.Fatalf("before: %d %s", status, body)
			}
			if status, body := ready(); status != http.StatusOK {
				t.Fatalf("before: /readyz %d %s", status, body)
			}

			if err := c.away(store); err != nil {
				t.Fatal(err)
			}
			for round := range 3 { // the first ones meet connections that were open, the others none
				if status, body := ready(); status != http.StatusServiceUnavailable || strings.TrimSpace(body) != "ledger (redis) does not answer" {
					t.Errorf("round %d: /readyz %d %s", round, status, body)
				}
				if status, body := script("away-1", "转人工"); status != http.StatusServiceUnavailable || !strings.Contains(body, a.Text("zh-CN", "web.fault")) {
					t.Errorf("round %d: the script: %d %s", round, status, body)
				}
				if status, body := answers(t, "the page", get(t, base+"/", me)); status != http.StatusServiceUnavailable || !strings.Contains(body, a.Text("zh-CN", "web.down")) {
					t.Errorf("round %d: the page: %d %s", round, status, body)
				}
				if status, body := telegram(); status != http.StatusServiceUnavailable {
					t.Errorf("round %d: telegram: %d %s", round, status, body)
				}
				if status, body := weChat(); status == http.StatusOK || body != "" {
					t.Errorf("round %d: wechat: %d %q", round, status, body)
				}
			}

			if err := c.back(store); err != nil {
				t.Fatal(err)
			}
			back := time.Now()
			for status, body := ready(); status != http.StatusOK; status, body = ready() {
				if time.Since(back) > within {
					t.Fatalf("%v after its return: /readyz %d %s", within, status, body)
				}
			}
			t.Logf("ready %v after Redis's return", time.Since(back).Round(time.Millisecond))
			for range 2 {
				if status, body := script("away-1", "转人工"); status != http.StatusOK || !strings.Contains(body, "RG1123-") {
					t.Errorf("afterwards the script: %d %s", status, body)
				}
				if status, body := telegram(); status != http.StatusOK || !strings.Contains(body, "RG1123-") {
					t.Errorf("afterwards telegram: %d %s", status, body)
				}
				if status, body := weChat(); status != http.StatusOK || body == "" {
					t.Errorf("afterwards wechat: %d %q", status, body)
				}
			}
			if n := requests(t, a.Records.EachRequest); n != 3 {
				t.Errorf("%d requests of three people, want 3", n)
			}
			if past := history(t, a, me); len(past) != 2 {
				t.Errorf("%d turns of the page, want 2", len(past))
			}
		})
	}
}
