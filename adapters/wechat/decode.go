package wechat

import (
	"crypto/sha256"
	_ "embed" // the text of unsupported.txt
	"encoding/hex"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yilu/bot"
)

// What WeChat allows, or what no honest delivery goes beyond.
const (
	room      = 2048               // bytes of an answer's text
	maxChoice = 64                 // bytes of a choice's Send, see bot.Choice
	maxScene  = 64                 // bytes of what a code says
	maxLabel  = 200                // runes of an address
	mediaKept = 3 * 24 * time.Hour // how long WeChat keeps a file that somebody sent
)

// unsupported is the text that WeChat puts in the place of what it does not pass on, stickers above all.
//
//go:embed unsupported.txt
var unsupported string

// delivery is what is read of one message or event.
type delivery struct {
	XMLName xml.Name `xml:"xml"`
	To      string   `xml:"ToUserName"`
	From    string   `xml:"FromUserName"`
	Time    string   `xml:"CreateTime"`
	Kind    string   `xml:"MsgType"`
	ID      string   `xml:"MsgId"`

	Content     string `xml:"Content"`
	MediaID     string `xml:"MediaId"`
	Format      string `xml:"Format"`
	Recognition string `xml:"Recognition"`
	Lat         string `xml:"Location_X"`
	Lng         string `xml:"Location_Y"`
	Label       string `xml:"Label"`
	Title       string `xml:"Title"`
	URL         string `xml:"Url"`

	Event    string `xml:"Event"`
	EventKey string `xml:"EventKey"`

	Encrypt string `xml:"Encrypt"` // there, and all else missing, where an account encrypts and we have no key

	seconds int64 // CreateTime
	seq     int64 // MsgId
}

// intent is what is to be done with a delivery.
type intent int

const (
	takeTurn    intent = iota // the message is a turn
	acknowledge               // nothing that anybody said or did: "success"
	tooLong                   // answered by the channel itself, no turn
	nothingSaid               // answered by the channel itself, no turn
)

// read checks what every delivery has.
func (d *delivery) read() bool {
	if !nameForm.MatchString(d.From) || !nameForm.MatchString(d.To) {
		return false
	}
	var err error
	d.seconds, err = strconv.ParseInt(strings.TrimSpace(d.Time), 10, 64)
	if err != nil || d.seconds <= 0 || d.seconds > maxSeconds {
		return false
	}
	if d.Kind == "event" {
		return d.Event != ""
	}
	d.ID = strings.TrimSpace(d.ID)
	d.seq, err = strconv.ParseInt(d.ID, 10, 64)
	return err == nil && d.seq > 0 && d.Kind != "" && strconv.FormatInt(d.seq, 10) == d.ID
}

// messageID is the same for every delivery of a message. Events have no number; WeChat says to know them by who and
// when, and what is added to that keeps apart what somebody does twice within a second.
func (d *delivery) messageID() string {
	if d.Kind != "event" {
		return d.ID
	}
	sum := sha256.Sum256([]byte(d.From + "\x00" + strconv.FormatInt(d.seconds, 10) + "\x00" + d.Event + "\x00" + d.EventKey))
	return "e-" + hex.EncodeToString(sum[:16])
}

// message makes the message of a delivery that read has checked.
func (d *delivery) message() (bot.Message, intent) {
	m := bot.Message{
		ID:    d.messageID(),
		From:  bot.Identity{Channel: Channel, User: d.From},
		At:    time.Unix(d.seconds, 0).In(bot.Xiamen),
		Order: bot.Order{Time: d.seconds, Seq: d.seq},
		Room:  room,
	}
	switch d.Kind {
	case "event":
		return m, d.event(&m)
	case "text":
		m.Text = bot.Clean(d.Content)
		if m.Text == "" {
			return m, nothingSaid
		}
		if m.Text == unsupported {
			m.Text, m.Event = "", bot.Unreadable
		}
	case "voice":
		d.file(&m, bot.Voice, "audio/"+voiceType(d.Format))
		if heard := bot.Clean(d.Recognition); heard != "" && utf8.RuneCountInString(heard) <= bot.MaxText {
			m.Text, m.Heard = heard, true
		}
	case "image": // PicUrl is left alone: nobody signed it, and the media_id fetches the same
		d.file(&m, bot.Photo, "image/jpeg")
	case "video", "shortvideo":
		d.file(&m, bot.Video, "video/mp4")
	case "location":
		d.point(&m)
	case "link":
		d.link(&m)
	}
	if utf8.RuneCountInString(m.Text) > bot.MaxText {
		return m, tooLong
	}
	if m.Text == "" && m.Event == "" && m.Point == nil && m.Files == nil { // of a kind that is new, or without what it is about
		m.Event = bot.Unreadable
	}
	return m, takeTurn
}

// event reads what somebody did. What WeChat tells of its own accord is no turn.
func (d *delivery) event(m *bot.Message) intent {
	switch d.Event {
	case "subscribe":
		m.Event = bot.Joined
		if scene, ok := strings.CutPrefix(d.EventKey, "qrscene_"); ok {
			m.Scene = cleanScene(scene)
		}
	case "SCAN":
		m.Event, m.Scene = bot.Scanned, cleanScene(d.EventKey)
	case "unsubscribe":
		m.Event = bot.Left
	case "CLICK":
		if d.EventKey == "" || len(d.EventKey) > maxChoice || bot.Clean(d.EventKey) != d.EventKey {
			m.Event = bot.Unreadable // a button that is not of our menu; whoever pressed it gets an answer
			break
		}
		m.Choice = d.EventKey
	default: // VIEW, LOCATION, TEMPLATESENDJOBFINISH, MASSSENDJOBFINISH, subscribe_msg_popup_event and the like
		return acknowledge
	}
	return takeTurn
}

// file adds what can be fetched later by its media_id.
func (d *delivery) file(m *bot.Message, kind bot.FileKind, mediaType string) {
	if !mediaIDs.MatchString(d.MediaID) {
		return
	}
	m.Files = []bot.File{{Ref: mediaRef + d.MediaID, Kind: kind, Type: mediaType, Till: m.At.Add(mediaKept)}}
}

// voiceType is the media type of WeChat's word for a format.
func voiceType(format string) string {
	if strings.EqualFold(format, "speex") {
		return "speex"
	}
	return "amr"
}

// point adds a place, if it is one.
func (d *delivery) point(m *bot.Message) {
	lat, ok := degrees(d.Lat, 90)
	lng, ok2 := degrees(d.Lng, 180)
	if !ok || !ok2 {
		return
	}
	m.Point = &bot.Point{Lat: lat, Lng: lng}
	if label := bot.Clean(d.Label); utf8.RuneCountInString(label) <= maxLabel {
		m.Point.Label = label
	}
}

func degrees(text string, most float64) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return v, err == nil && !math.IsNaN(v) && math.Abs(v) <= most
}

// link makes a text of a shared page: its title is what can be understood, its address is for staff.
func (d *delivery) link(m *bot.Message) {
	title, address := bot.Clean(d.Title), bot.Clean(d.URL)
	m.Text = bot.Clean(title + "\n" + address)
	if title != "" && utf8.RuneCountInString(m.Text) > bot.MaxText {
		m.Text = title
	}
}

// cleanScene is what a code says, or nothing if it is more than a code can hold, or cannot be shown.
func cleanScene(scene string) string {
	if len(scene) > maxScene || !utf8.ValidString(scene) || strings.ContainsFunc(scene, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return strings.TrimSpace(scene)
}
