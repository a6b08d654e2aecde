package app

import (
	"log/slog"
	"time"
)

// Text returns a text of a channel's own; a key that is missing shows as itself, and the tests find it.
func (a *App) Text(lang, key string) string {
	text, err := a.Texts.Text(lang, key, nil)
	if err != nil {
		a.config.Log.Error("a text is missing", "error", err)
		return key
	}
	return text
}

// Langs lists the languages, the default first.
func (a *App) Langs() []string { return a.Texts.Langs() }

// Setting returns a setting by its environment name.
func (a *App) Setting(name string) string {
	if a.config.Settings == nil {
		return ""
	}
	return a.config.Settings(name)
}

// Now is the clock.
func (a *App) Now() time.Time { return a.config.Now() }

// Log is the logger.
func (a *App) Log() *slog.Logger { return a.config.Log }
