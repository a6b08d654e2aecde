package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yilu/adapters/telegram/telegramtest"
	"yilu/adapters/wechat/wechattest"
	"yilu/bot"
	"yilu/bot/app"
)

var account = wechattest.Account{
	AppID: "wx0123456789abcdef", AppSecret: "test-app-secret", Token: "testtoken", OriginalID: "gh_0123456789ab",
	AESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", Mode: wechattest.Safe,
}

const telegramSecret = "test-webhook-secret"

// openChannels opens Yilu with both platforms, whose fakes are on this machine.
func openChannels(t *testing.T, folder string, more ...func(*app.Config)) (*app.App, *wechattest.API, *bytes.Buffer) {
	t.Helper()
	platform, err := telegramtest.Start("123456:test-token")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(platform.Close)
	api := wechattest.StartAPI(account.AppID, account.AppSecret)
	t.Cleanup(api.Close)
	settings := map[string]string{
		"YILU_PUBLIC_URL":     "https://chat.example",
		"YILU_TELEGRAM_TOKEN": "123456:test-token", "YILU_TELEGRAM_SECRET": telegramSecret, "YILU_TELEGRAM_API_URL": platform.URL,
		"YILU_WECHAT_APP_ID": account.AppID, "YILU_WECHAT_APP_SECRET": account.AppSecret, "YILU_WECHAT_TOKEN": account.Token,
		"YILU_WECHAT_AES_KEY": account.AESKey, "YILU_WECHAT_ORIGINAL_ID": account.OriginalID, "YILU_WECHAT_API_URL": api.URL,
	}
	log := &bytes.Buffer{}
	config := app.Config{
		Data: folder, Listen: "127.0.0.1:0", Samples: true, Now: func() time.Time { return morning },
		Settings: func(name string) string { return settings[name] },
		Log:      slog.New(slog.NewTextHandler(&locked{w: log}, nil)),
	}
	for _, change := range more {
		change(&config)
	}
	a, err := app.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return a, api, log
}

// send sends a request and returns the status and the body.
func send(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// client turns a request that a fake made for a handler into one that can be sent.
func client(r *http.Request) *http.Request {
	r.RequestURI = ""
	return r
}

// TestHandOverFromTelegramToTheWeb goes the whole way of a worker who is hurt: the question about it is not asked on
// Telegram, the link opens in a browser, and the answer given there is with staff under the number that Telegram showed.
func TestHandOverFromTelegramToTheWeb(t *testing.T) {
	t.Parallel()
	a, _, _ := openChannels(t, t.TempDir())
	base, _ := serve(t, a)
	r, err := telegramtest.Deliver(base+"/webhooks/telegram", telegramSecret, telegramtest.Text(1, 1, 7001, "zh-hans", "我在工地摔伤了要理赔"))
	if err != nil {
		t.Fatal(err)
	}
	status, body := send(t, client(r))
	if status != http.StatusOK {
		t.Fatalf("telegram: %d %s", status, body)
	}
	shown, err := telegramtest.Answer([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`RG\d{4}-\w{8}`).FindString(shown.Text)
	link := regexp.MustCompile(`https://chat\.example(/go/\w{26})`).FindStringSubmatch(shown.Text)
	if number == "" || link == nil || strings.Contains(shown.Text, "伤在哪") {
		t.Fatalf("telegram shows: %s", shown.Text)
	}
	me := "__Host-" + cookie("browser") // the public address is https
	request := func(method, path, form string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", me)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if form != "" || method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return send(t, r)
	}
	if status, body := request(http.MethodGet, link[1], ""); status != http.StatusOK || len(history(t, a, me)) != 0 {
		t.Fatalf("looking at the link: %d %s", status, body)
	}
	if status, body := request(http.MethodPost, link[1], ""); status != http.StatusSeeOther {
		t.Fatalf("opening the link: %d %s", status, body)
	}
	if _, page := request(http.MethodGet, "/", ""); !strings.Contains(page, number) || !strings.Contains(page, "伤在哪") {
		t.Errorf("the page does not go on: %s", page)
	}
	form := url.Values{"id": {"message-on-the-page"}, "text": {"右手夹伤"}}.Encode()
	if status, body := request(http.MethodPost, "/", form); status != http.StatusSeeOther {
		t.Fatalf("the answer: %d %s", status, body)
	}
	found := 0
	err = a.Records.EachRequest(t.Context(), func(q bot.Request) error {
		if strings.HasPrefix(q.Number, number) && q.Note.Reveal() == "右手夹伤" && q.Worker == (bot.Identity{Channel: "telegram", User: "7001"}).Worker() {
			found++
		}
		return nil
	})
	if err != nil || found != 1 {
		t.Errorf("%d requests hold the answer: %v", found, err)
	}
	me = "__Host-" + cookie("another")
	if status, _ := request(http.MethodPost, link[1], ""); status != http.StatusGone {
		t.Errorf("another browser: %d", status)
	}
}

// TestPhotoIsKept holds that a photo sent over WeChat is in the folder of files, whole, and findable for staff by the
// worker's request, although nobody asked for it but the turn.
func TestPhotoIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	a, api, log := openChannels(t, folder)
	photo := append([]byte("\xff\xd8\xff\xe0 【示例】"), bytes.Repeat([]byte{7}, 5000)...)
	api.AddMedia("media-1", "image/jpeg", photo)
	base, stop := serve(t, a)
	r := account.Deliver(base+"/webhooks/wechat", morning, "nonce1", account.Image("openid-1", "1001", morning, "media-1"))
	status, body := send(t, client(r))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if answer, err := account.Open([]byte(body)); err != nil || !strings.Contains(answer.Content, "照片收到了") {
		t.Fatalf("%v: %+v", err, answer)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var kept bot.KeptFile
	for kept.State != bot.FileKept && ctx.Err() == nil {
		err := a.Records.EachFile(ctx, func(f bot.KeptFile) error { kept = f; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if kept.State != bot.FileKept || kept.Bytes != int64(len(photo)) {
		t.Fatalf("%+v\n%s", kept, log)
	}
	stop()
	whole := false
	err := filepath.WalkDir(filepath.Join(folder, "files"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			raw, err := os.ReadFile(path)
			whole = whole || err == nil && bytes.Equal(raw, photo)
		}
		return err
	})
	if err != nil || !whole {
		t.Errorf("the photo is not in the folder: %v", err)
	}
	for _, secret := range []string{account.AppSecret, account.AESKey, account.Token, api.Token()} {
		if strings.Contains(log.String(), secret) {
			t.Error("a secret is in the log")
		}
	}
}
