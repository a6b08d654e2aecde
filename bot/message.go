package bot

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"log/slog"
	"time"
)

// Identity names one person on one channel, as the channel knows them.
type Identity struct {
	Channel string `json:"channel"` // "web", "terminal", "telegram", "wechat"
	User    string `json:"user"`    // the channel's own id of the person
}

// Key is the identity as one string, the key of its session: "web:4f2a…".
func (i Identity) Key() string { return i.Channel + ":" + i.User }

// WorkerID is the id under which the records know a person.
type WorkerID string

// Worker derives the id of the person behind the identity. It needs no store, so an intake can name its worker while
// the records are away.
func (i Identity) Worker() WorkerID {
	sum := sha256.Sum256([]byte(i.Key()))
	id := [17]byte{'w'}
	Crockford.Encode(id[1:], sum[:10])
	return WorkerID(bytes.ToLower(id[:]))
}

// Crockford writes bytes in digits and letters that are not mistaken for each other: Crockford's Base32.
var Crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Number makes the number of an intake that people read to each other: a prefix, month and day, and eight characters
// (40 bits) out of the seed, "BM1123-7K3F9QX2". The same seed gives the same number.
func Number(prefix string, at time.Time, seed string) string {
	sum := sha256.Sum256([]byte(prefix + seed))
	return fmt.Sprintf("%s%s-%s", prefix, at.In(Xiamen).Format("0102"), Crockford.EncodeToString(sum[:5]))
}

// Message is one thing that a worker said, pressed, sent or did. One of Text, Choice, Event, Point and Files is set at
// least.
type Message struct {
	ID     string    // the platform's id of the message, the same for every delivery of it; never empty
	From   Identity  //
	Text   string    // what was typed; may be empty when something else is set
	Choice string    // the Send of the choice that was pressed
	Lang   string    // what the channel knows of the person's language, "" if nothing; a hint for the first turn
	At     time.Time // when the platform took it, zero if it does not say
	Order  Order     // its place among this person's messages that wait at the same time; zero if the channel knows none
	Event  Event     // what happened, where nothing was said
	Scene  string    // with Joined and Scanned: what the code says that was scanned; at most 64 bytes of printable characters
	Point  *Point    // a place on the map that was shared
	Files  []File    // photos, recordings and documents that came with it; what they hold is fetched later, by Ref
	Heard  bool      // Text was recognised from speech, so it is read back
	Room   int       // how many bytes of UTF-8 one answer can hold on this channel, 0 for any: see Reply.Fit
	Abroad bool      // the channel keeps what is said outside the mainland: sensitive questions are not asked there
}

// Order is a message's place in the platform's own order. Lower comes first.
type Order struct {
	Time int64 // what the platform orders by first; 0 where it has but one number
	Seq  int64
}

// Less reports whether o comes before p.
func (o Order) Less(p Order) bool { return o.Time < p.Time || o.Time == p.Time && o.Seq < p.Seq }

// Event is something that happened between a person and the channel.
type Event string

// The events.
const (
	Joined     Event = "joined"     // the person followed the account, or opened the chat, or unblocked it
	Left       Event = "left"       // unfollowed or blocked: nothing can be sent any more; the reply has no texts
	Scanned    Event = "scanned"    // scanned a code, see Scene, while following already
	Resumed    Event = "resumed"    // came over from another channel to go on; see Host.Redeem
	Unreadable Event = "unreadable" // sent something of a kind that cannot be taken
)

// Point is a place on the map: degrees of latitude and longitude, and the address or name that the platform adds. The
// few hundred metres between WGS-84 and GCJ-02 make no difference to a district.
type Point struct {
	Lat, Lng float64
	Label    string
}

// File is something that came with a message: where it can be fetched, and what the platform says of it.
type File struct {
	Ref  string    `json:"ref"` // the channel's own name of it, for Mount.Fetch
	Kind FileKind  `json:"kind"`
	Type string    `json:"type,omitempty"` // media type as the platform says it; a hint, never to be trusted
	Name Personal  `json:"name,omitzero"`  // as the person sent it; it may tell who they are
	Size int64     `json:"size,omitempty"` // bytes; 0 if not said
	Till time.Time `json:"till,omitzero"`  // when the platform drops it; zero if not said
}

// FileKind says what a file is.
type FileKind string

// The kinds of file.
const (
	Photo    FileKind = "photo"
	Voice    FileKind = "voice"
	Video    FileKind = "video"
	Document FileKind = "document"
)

// LogValue leaves out what the worker said.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(slog.String("channel", m.From.Channel), slog.String("message", m.ID), slog.Int("bytes", len(m.Text)))
}

// String leaves out what the worker said.
func (m Message) String() string {
	return fmt.Sprintf("message %s on %s, %d bytes", m.ID, m.From.Channel, len(m.Text))
}

// Format leaves out what the worker said, whatever the verb.
func (m Message) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(m.String())) }

// Reply answers one message. Its encoding is stored with the turn, and every delivery of the message gets the same
// bytes.
type Reply struct {
	Texts    []string `json:"texts"`              // paragraphs, in order; a channel may join them
	Choices  []Choice `json:"choices,omitempty"`  // the first is number 1
	Progress string   `json:"progress,omitempty"` // "第 3 步,共 6 步"
	Want     Parser   `json:"want,omitempty"`     // what is asked for, so that a channel can offer its own way to give it
	Lang     string   `json:"lang"`               // the language of the texts: "zh-CN", "en"
}

// Choice is one thing that can be pressed, or said by its number.
type Choice struct {
	Label string `json:"label"`
	Send  string `json:"send"` // at most 64 bytes, for Message.Choice
}

// Exchange is one past turn of a conversation.
type Exchange struct {
	ID    string    `json:"id"`
	Said  string    `json:"said"` // what the worker said, or the label of what they pressed
	Reply Reply     `json:"reply"`
	At    time.Time `json:"at"`
}

// String leaves out what was said.
func (e Exchange) String() string { return "exchange " + e.ID }

// Format leaves out what was said, whatever the verb.
func (e Exchange) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.String())) }

// LogValue leaves out what was said.
func (e Exchange) LogValue() slog.Value { return slog.StringValue(e.String()) }
