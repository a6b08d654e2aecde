package wechat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"

	"yilu/bot"
)

// account is what the settings say of the official account, without the spaces and line ends that stand around a value
// that somebody copied.
type account struct {
	appID      string
	secret     string // AppSecret, "" if not set
	api        string // where WeChat's API is, "" for its own address
	token      string
	originalID string // "" if not set
	keys       []key  // the current one first, then the previous; none for a plain account
}

// key is one EncodingAESKey.
type key struct {
	aes []byte // 32 bytes
	mac []byte // derives what is random in an answer, see seal
}

// Forms of the settings. The AES key is the console's: 43 characters, 32 bytes. An AppID is wx and 16 hexadecimal digits
// as far as anybody has seen; WeChat does not promise that, so any letters and digits are taken.
var (
	appIDs    = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)
	tokenForm = regexp.MustCompile(`^[A-Za-z0-9]{3,32}$`)
	nameForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// sayAppID is what is wrong with an AppID that is none.
const sayAppID = "must be letters and digits only, as a rule wx and 16 more; copy the AppID from the console"

// readAccount reads the settings. No error holds a value: a secret may stand in the wrong place.
func readAccount(host bot.Host) (account, error) {
	get := func(name string) string { return strings.TrimSpace(host.Setting("YILU_WECHAT_" + name)) }
	a := account{appID: get("APP_ID"), secret: get("APP_SECRET"), api: get("API_URL"), token: get("TOKEN"), originalID: get("ORIGINAL_ID")}
	current, previous := get("AES_KEY"), get("AES_KEY_PREVIOUS")
	switch {
	case a.appID == "" && a.token == "" && current == "" && previous == "" && a.originalID == "" && a.secret == "":
		return account{}, &bot.Error{Code: bot.Off, Op: "mount wechat", Say: "set YILU_WECHAT_APP_ID and YILU_WECHAT_TOKEN to turn it on"}
	case a.appID == "":
		return account{}, wrongSetting("APP_ID", "is not set, but other settings of the account are; copy the AppID from the console")
	case !appIDs.MatchString(a.appID):
		return account{}, wrongSetting("APP_ID", sayAppID)
	case a.token == "":
		return account{}, wrongSetting("TOKEN", "is not set; without it anybody could speak as WeChat; enter the same one here and in the console")
	case !tokenForm.MatchString(a.token):
		return account{}, wrongSetting("TOKEN", "must be 3 to 32 letters and digits; enter the same one here and in the console")
	case a.originalID != "" && !nameForm.MatchString(a.originalID):
		return account{}, wrongSetting("ORIGINAL_ID", "must be letters, digits and _, such as gh_ and 12 more; copy it from the console, or leave it out")
	case current == "" && previous != "":
		return account{}, wrongSetting("AES_KEY", "is not set, but YILU_WECHAT_AES_KEY_PREVIOUS is; set the key that the console shows now")
	}
	for _, s := range []struct{ name, value string }{{"AES_KEY", current}, {"AES_KEY_PREVIOUS", previous}} {
		if s.value == "" {
			continue
		}
		k, ok := readKey(s.value)
		if !ok {
			return account{}, wrongSetting(s.name, "must be the 43 letters and digits of the console's EncodingAESKey; copy it again")
		}
		a.keys = append(a.keys, k)
	}
	return a, nil
}

func wrongSetting(name, say string) error {
	return &bot.Error{Code: bot.Invalid, Op: "mount wechat", Field: "YILU_WECHAT_" + name, Say: say}
}

// readKey reads an EncodingAESKey. WeChat's 43rd character may carry bits beyond the 32 bytes, so they are not checked.
func readKey(text string) (key, bool) {
	if len(text) != 43 || strings.ContainsAny(text, "\r\n") {
		return key{}, false
	}
	aes, err := base64.StdEncoding.DecodeString(text + "=")
	if err != nil || len(aes) != 32 {
		return key{}, false
	}
	mac := hmac.New(sha256.New, aes)
	mac.Write([]byte("yilu wechat answer"))
	return key{aes: aes, mac: mac.Sum(nil)}, true
}
