package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yilu/adapters/wechat/wechattest"
)

// wechatMenu runs `yilu wechat menu` with the account's settings in the environment.
func wechatMenu(t *testing.T, api *wechattest.API, secret string, args ...string) result {
	t.Helper()
	cmd := command(t, false, append([]string{"wechat", "menu"}, args...)...)
	cmd.Env = append(cmd.Env, "YILU_WECHAT_APP_ID=wx0000000000000001", "YILU_WECHAT_APP_SECRET="+secret, "YILU_WECHAT_API_URL="+api.URL)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	r := result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	for _, mark := range []string{"SECRET-MARK", wechattest.TokenMark} {
		if strings.Contains(r.out+r.err, mark) {
			t.Errorf("it printed a secret: %s%s", r.out, r.err)
		}
	}
	return r
}

// TestWechatMenu: the menu of the file is shown, compared with the account's, pushed, and then the same.
func TestWechatMenu(t *testing.T) {
	t.Parallel()
	const secret = "SECRET-MARK-1"
	api := wechattest.StartAPI("wx0000000000000001", secret)
	t.Cleanup(api.Close)
	if out := ok(t, "", "wechat", "menu"); !strings.Contains(out, "    现在有什么活  i:jobs.search\n") || !strings.Contains(out, "was not asked") {
		t.Errorf("without an account: %s", out)
	}
	steps := []struct {
		args []string
		says string
	}{
		{nil, "The account has no menu."},
		{[]string{"--push"}, "within 5 minutes"},
		{nil, "The account has the same menu."},
		{[]string{"--push", "--file", "other.toml"}, "within 5 minutes"},
		{nil, "The account has another menu (--push replaces it):\n  网页  https://chat.example.com/\n"},
	}
	other := filepath.Join(t.TempDir(), "other.toml")
	if err := os.WriteFile(other, []byte("[[button]]\nname = \"网页\"\nurl = \"https://chat.example.com/\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		for i := range s.args {
			s.args[i] = strings.Replace(s.args[i], "other.toml", other, 1)
		}
		if r := wechatMenu(t, api, secret, s.args...); r.code != 0 || !strings.Contains(r.out, s.says) {
			t.Errorf("%v: code %d, %s%s; want %q", s.args, r.code, r.out, r.err, s.says)
		}
	}
}

// TestWechatMenuRefused: what stands in the way is said with the way out, and nothing is pushed.
func TestWechatMenuRefused(t *testing.T) {
	t.Parallel()
	const secret = "SECRET-MARK-1"
	api := wechattest.StartAPI("wx0000000000000001", secret)
	t.Cleanup(api.Close)
	file := filepath.Join(t.TempDir(), "menu.toml")
	bad := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, yilu(t, nil, "wechat", "menu", "--push"), "no account is set", "YILU_WECHAT_APP_SECRET")
	refused(t, yilu(t, nil, "wechat", "menu", "--wechat-app-secret", "x"), "YILU_WECHAT_APP_ID")
	refused(t, wechatMenu(t, api, "SECRET-MARK-2", "--push"), "bad_secret", "40125", "YILU_WECHAT_APP_SECRET")
	refused(t, wechatMenu(t, api, secret, "--push", "--file", "nothing.toml"), "nothing.toml", "cannot be read")
	bad("[[button]]\nname = \"保险与维权啊\"\nkey = \"i:insurance.ask\"\n")
	refused(t, wechatMenu(t, api, secret, "--push", "--file", file), "menu.toml", "保险与维权啊", "5 Chinese characters")
	bad("[[button]]\nname = \"找活\"\nkey = \"i:jobs.serch\"\n[[button]]\nname = \"更多\"\nkey = \"i:nav.more\"\n")
	refused(t, wechatMenu(t, api, secret, "--push", "--file", file), `"找活"`, `no dialogue takes "jobs.serch"`, `"更多"`, `"nav.more"`, "bot/meaning.go")
	api.SetVerified(false)
	refused(t, wechatMenu(t, api, secret, "--push"), "48001", "verified", "mp.weixin.qq.com")
	api.Fail("stable_token", wechattest.Fault{Code: 40164}, 1)
	refused(t, wechatMenu(t, api, secret), "40164", "whitelist", "203.0.113.7")
	api.Fail("get_current_selfmenu_info", wechattest.Fault{Drop: true}, -1)
	refused(t, wechatMenu(t, api, secret), "get_current_selfmenu_info", "broke")
	if n := len(api.Sent()); n != 0 || api.Calls("menu/create") != 1 {
		t.Errorf("menu/create was called %d times", api.Calls("menu/create"))
	}
	away := wechattest.StartAPI("wx0000000000000001", secret)
	away.Close()
	refused(t, wechatMenu(t, away, secret), "cannot be reached", "nothing was sent")
}
