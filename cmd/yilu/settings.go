package main

import "yilu/bot/app"

// storeSettings say where the data is kept, where that is not the data folder; every command that opens the data has
// them. Like the others that hold secrets they are never quoted.
type storeSettings struct {
	DatabaseURL string `help:"PostgreSQL to keep the records in, as postgres://user:password@host:5432/database; without it they are in the data folder." name:"database-url" env:"YILU_DATABASE_URL" placeholder:"URL"`
	RedisURL    string `help:"Redis to keep the conversations in, as redis://user:password@host:6379; without it they are in the data folder." name:"redis-url" env:"YILU_REDIS_URL" placeholder:"URL"`
	Lexicon     string `help:"File of words that you add to those that are understood; see OPERATIONS.md." name:"lexicon" env:"YILU_LEXICON" type:"path" placeholder:"FILE"`
}

// settings are these, and what more gives for every other name.
func (c *storeSettings) settings(more func(name string) string) func(name string) string {
	return func(name string) string {
		switch name {
		case "YILU_DATABASE_URL":
			return c.DatabaseURL
		case "YILU_REDIS_URL":
			return c.RedisURL
		case app.LexiconSetting:
			return c.Lexicon
		}
		if more == nil {
			return ""
		}
		return more(name)
	}
}

// channelSettings are the settings of the channels, each a flag and an environment name. A secret is better given by the
// environment: the command line can be read by everybody on the machine. None has a closed set of values here: kong would
// print a wrong one, which may be a secret in the wrong place. The channels check, and name the setting only.
type channelSettings struct {
	PublicURL string `help:"Address under which people reach Yilu, as https://…" env:"YILU_PUBLIC_URL"`

	TelegramToken  string `help:"Token of the bot, from BotFather." env:"YILU_TELEGRAM_TOKEN" group:"Telegram"`
	TelegramSecret string `help:"Secret that Telegram sends with every update; choose it yourself." env:"YILU_TELEGRAM_SECRET" group:"Telegram"`
	TelegramMode   string `help:"webhook, or poll for one laptop without a public address." env:"YILU_TELEGRAM_MODE" default:"webhook" group:"Telegram"`
	TelegramAPIURL string `help:"Address of the Bot API, if not Telegram's own." name:"telegram-api-url" env:"YILU_TELEGRAM_API_URL" group:"Telegram"`

	WechatAppID          string `help:"AppID of the official account." name:"wechat-app-id" env:"YILU_WECHAT_APP_ID" group:"WeChat"`
	WechatAppSecret      string `help:"AppSecret of the official account." env:"YILU_WECHAT_APP_SECRET" group:"WeChat"`
	WechatToken          string `help:"Token of the server configuration." env:"YILU_WECHAT_TOKEN" group:"WeChat"`
	WechatAESKey         string `help:"EncodingAESKey; set it unless the account is in plain mode." name:"wechat-aes-key" env:"YILU_WECHAT_AES_KEY" group:"WeChat"`
	WechatAESKeyPrevious string `help:"EncodingAESKey before the last change." name:"wechat-aes-key-previous" env:"YILU_WECHAT_AES_KEY_PREVIOUS" group:"WeChat"`
	WechatAPIURL         string `help:"Address of the API, if not WeChat's own." name:"wechat-api-url" env:"YILU_WECHAT_API_URL" group:"WeChat"`
	WechatOriginalID     string `help:"Original id (gh_…) of the account; messages to another one are refused." name:"wechat-original-id" env:"YILU_WECHAT_ORIGINAL_ID" group:"WeChat"`
}

// get returns a setting by its environment name, "" for one that there is not.
func (c *channelSettings) get(name string) string {
	return map[string]string{
		"YILU_PUBLIC_URL":              c.PublicURL,
		"YILU_TELEGRAM_TOKEN":          c.TelegramToken,
		"YILU_TELEGRAM_SECRET":         c.TelegramSecret,
		"YILU_TELEGRAM_MODE":           c.TelegramMode,
		"YILU_TELEGRAM_API_URL":        c.TelegramAPIURL,
		"YILU_WECHAT_APP_ID":           c.WechatAppID,
		"YILU_WECHAT_APP_SECRET":       c.WechatAppSecret,
		"YILU_WECHAT_TOKEN":            c.WechatToken,
		"YILU_WECHAT_AES_KEY":          c.WechatAESKey,
		"YILU_WECHAT_AES_KEY_PREVIOUS": c.WechatAESKeyPrevious,
		"YILU_WECHAT_API_URL":          c.WechatAPIURL,
		"YILU_WECHAT_ORIGINAL_ID":      c.WechatOriginalID,
	}[name]
}
