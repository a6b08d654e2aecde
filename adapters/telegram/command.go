package telegram

import (
	"regexp"
	"strings"

	"yilu/bot"
)

// command is something that begins with a slash, and what it wants.
type command struct {
	name   string
	intent bot.Intent
	listed bool // in the menu that Telegram shows; its description is the text "telegram.command.<name>"
}

// commands is the one table, in the order of the menu.
var commands = []command{
	{"jobs", bot.JobsSearch, true},
	{"register", bot.RegisterStart, true},
	{"my", bot.JobsMine, true},
	{"alerts", bot.AlertAdd, true},
	{"privacy", bot.PrivacyView, true},
	{"human", bot.NavHuman, true},
	{"help", bot.NavHelp, true},
	{"menu", bot.NavHome, true},
	{"back", bot.NavBack, true},
	{"cancel", bot.NavCancel, true},
	{"stop", bot.Unsubscribe, true},
	{"chinese", bot.LangChinese, true},
	{"english", bot.LangEnglish, true},
	{"skip", bot.NavSkip, false},
	{"more", bot.NavMore, false},
	{"restart", bot.NavRestart, false},
	{"withdraw", bot.JobsWithdraw, false},
	{"report", bot.JobsReport, false},
	{"insurance", bot.InsuranceAsk, false},
	{"claim", bot.InsuranceClaim, false},
	{"dispute", bot.DisputeNew, false},
	{"stations", bot.StationsFind, false},
	{"unsubscribe", bot.Unsubscribe, false},
	{"delete", bot.PrivacyDelete, false},
	{"export", bot.PrivacyExport, false},
	{"home", bot.NavHome, false},
	{"person", bot.NavHuman, false},
	{"zh", bot.LangChinese, false},
	{"en", bot.LangEnglish, false},
}

// intents are the commands by name.
var intents = func() map[string]bot.Intent {
	m := make(map[string]bot.Intent, len(commands))
	for _, c := range commands {
		m[c.name] = c.intent
	}
	return m
}()

// sendIntent begins the Send of a choice that is an intent, for the engine.
const sendIntent = "i:"

// scene is what a link t.me/<bot>?start=<scene> can hold.
var scene = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// words takes a text: /start opens the chat, a command of the table that stands alone is its intent, and everything
// else that begins with a slash is what somebody wrote, without the slash and the bot's name. A command is told by the
// text alone: the marks that Telegram adds are counted in other units, and left out by some clients.
func words(in *bot.Message, text string) {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		in.Text = text
		return
	}
	name, more := rest, ""
	if i := strings.IndexAny(rest, " \n"); i >= 0 {
		name, more = rest[:i], rest[i:]
	}
	if bare, _, at := strings.Cut(name, "@"); at {
		name = bare
	}
	said := strings.TrimSpace(more)
	if strings.EqualFold(name, "start") && (said == "" || scene.MatchString(said)) {
		in.Event, in.Scene = bot.Joined, said
		return
	}
	if intent, ok := intents[strings.ToLower(name)]; ok && said == "" {
		in.Choice = sendIntent + string(intent)
		return
	}
	in.Text = bot.Clean(name + more)
	if in.Text == "" {
		in.Text = text // a slash and nothing else
	}
}
