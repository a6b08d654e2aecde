package telegram

import (
	"net"
	"net/url"
	"regexp"
	"strings"

	"yilu/bot"
)

// The ways in which updates come.
const (
	modeWebhook = "webhook"
	modePoll    = "poll"
)

// path is where Telegram posts updates.
const path = "/webhooks/telegram"

// settings are what the operator says of the channel.
type settings struct {
	token  string
	secret string // "" in poll mode
	mode   string
	api    string // without a slash at its end
	public string // where Telegram can reach us, "" if nobody said or it is not https
}

var (
	tokenForm  = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{1,200}$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

func readSettings(get func(string) string) (settings, error) {
	s := settings{token: get("YILU_TELEGRAM_TOKEN"), secret: get("YILU_TELEGRAM_SECRET"), mode: get("YILU_TELEGRAM_MODE"), api: get("YILU_TELEGRAM_API_URL")}
	if s.token == "" {
		return settings{}, &bot.Error{Code: bot.Off, Op: "mount telegram", Field: "YILU_TELEGRAM_TOKEN", Say: "is not set; @BotFather gives one"}
	}
	if !tokenForm.MatchString(s.token) {
		return settings{}, invalid("YILU_TELEGRAM_TOKEN", "is no token: digits, a colon, then letters, digits, _ and -; copy it from @BotFather once more")
	}
	switch s.mode {
	case "":
		s.mode = modeWebhook
	case modeWebhook, modePoll:
	default:
		return settings{}, invalid("YILU_TELEGRAM_MODE", "must be webhook or poll; leave it out for webhook")
	}
	if s.mode == modeWebhook && !secretForm.MatchString(s.secret) {
		return settings{}, invalid("YILU_TELEGRAM_SECRET", "must be 1 to 256 of A-Z a-z 0-9 _ -; without it anybody could speak as anybody. Make one up, or set YILU_TELEGRAM_MODE=poll where there is no public address")
	}
	if s.api == "" {
		s.api = "https://api.telegram.org"
	}
	u, ok := address(s.api)
	if !ok {
		return settings{}, invalid("YILU_TELEGRAM_API_URL", "is no address such as https://api.telegram.org; leave it out for that one")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return settings{}, invalid("YILU_TELEGRAM_API_URL", "must begin with https://, for the token goes there; http:// is for this machine only")
	}
	s.api = strings.TrimRight(u.String(), "/")
	if public := get("YILU_PUBLIC_URL"); public != "" {
		u, ok := address(public)
		if !ok {
			return settings{}, invalid("YILU_PUBLIC_URL", "is no address such as https://chat.example.com")
		}
		if u.Scheme == "https" {
			s.public = strings.TrimRight(u.String(), "/")
		}
	}
	return s, nil
}

// invalid names a setting, never its value.
func invalid(field, say string) *bot.Error {
	return &bot.Error{Code: bot.Invalid, Op: "mount telegram", Field: field, Say: say}
}

// loopback reports that a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// address reads an http or https address with nothing after its path.
func address(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, false
	}
	return u, true
}
