package telegram

import (
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"yilu/bot"
)

// maxName is the longest name of a file that is kept, in runes.
const maxName = 120

// fileOf is the file that came with a message.
func fileOf(m *message) (bot.File, bool) {
	var f bot.File
	switch {
	case len(m.Photo) > 0:
		best := m.Photo[0]
		for _, p := range m.Photo {
			if p.Width*p.Height > best.Width*best.Height {
				best = p
			}
		}
		f = bot.File{Ref: best.FileID, Kind: bot.Photo, Type: "image/jpeg", Size: int64(best.FileSize)} // Telegram makes JPEG of every photo
	case m.Voice != nil:
		f = bot.File{Ref: m.Voice.FileID, Kind: bot.Voice, Type: m.Voice.MimeType, Size: m.Voice.FileSize}
	case m.Audio != nil:
		f = bot.File{Ref: m.Audio.FileID, Kind: bot.Voice, Type: m.Audio.MimeType, Name: fileName(m.Audio.FileName), Size: m.Audio.FileSize}
	case m.Video != nil:
		f = bot.File{Ref: m.Video.FileID, Kind: bot.Video, Type: m.Video.MimeType, Name: fileName(m.Video.FileName), Size: m.Video.FileSize}
	case m.VideoNote != nil:
		f = bot.File{Ref: m.VideoNote.FileID, Kind: bot.Video, Type: "video/mp4", Size: int64(m.VideoNote.FileSize)}
	case m.Animation != nil:
		f = bot.File{Ref: m.Animation.FileID, Kind: bot.Video, Type: m.Animation.MimeType, Name: fileName(m.Animation.FileName), Size: m.Animation.FileSize}
	case m.Document != nil:
		f = bot.File{Ref: m.Document.FileID, Kind: bot.Document, Type: m.Document.MimeType, Name: fileName(m.Document.FileName), Size: m.Document.FileSize}
	}
	if f.Ref == "" {
		return bot.File{}, false
	}
	f.Ref = refPrefix + f.Ref
	f.Type = oneLine(f.Type)
	f.Size = max(f.Size, 0)
	return f, true
}

// fileName is the last part of a name, on one line, its end kept when it is long: that is where the type stands.
func fileName(name string) bot.Personal {
	name = oneLine(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if r := []rune(name); len(r) > maxName {
		name = string(r[len(r)-maxName:])
	}
	return bot.NewPersonal(bot.Clean(name))
}

// oneLine is a clean text without line breaks.
func oneLine(text string) string { return strings.ReplaceAll(bot.Clean(text), "\n", " ") }

// pointOf is the place that was shared.
func pointOf(m *message) (bot.Point, bool) {
	var p bot.Point
	switch {
	case m.Venue != nil:
		p = bot.Point{Lat: m.Venue.Location.Latitude, Lng: m.Venue.Location.Longitude, Label: oneLine(m.Venue.Title + " " + m.Venue.Address)}
	case m.Location != nil:
		p = bot.Point{Lat: m.Location.Latitude, Lng: m.Location.Longitude}
	default:
		return bot.Point{}, false
	}
	if p.Lat < -90 || p.Lat > 90 || p.Lng < -180 || p.Lng > 180 {
		return bot.Point{}, false
	}
	if utf8.RuneCountInString(p.Label) > bot.MaxText {
		p.Label = ""
	}
	return p, true
}

// phoneOf is the number of a contact as people here write it: without 86, digits only. A card of somebody else is taken
// the same way, as its number and nothing else: whoever sends one answers the question for a number, and a name beside
// it would be heard as a correction of the sender's own.
func phoneOf(contact *models.Contact) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, contact.PhoneNumber)
	if national, ok := strings.CutPrefix(digits, "86"); ok && len(national) == 11 && national[0] == '1' {
		return national
	}
	if len(digits) > 20 {
		return ""
	}
	if digits != "" && strings.HasPrefix(strings.TrimSpace(contact.PhoneNumber), "+") {
		return "+" + digits
	}
	return digits
}
