package bot

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Effect is something that a turn wants written into the records. A dialogue returns it, the turn's commit keeps it,
// and the records apply it, once. Its fields are plain data; personal ones are Personal.
type Effect interface {
	// Kind names the effect in the ledger; it never changes once released.
	Kind() string
}

// The effects.
type (
	// SaveWorker writes what is set of a worker and leaves the rest as it is.
	SaveWorker struct {
		Name     Personal  `json:"name,omitzero"`
		Phone    Personal  `json:"phone,omitzero"`
		Birth    Birth     `json:"birth,omitzero"`
		Trades   []TradeID `json:"trades,omitempty"`
		Places   []Place   `json:"places,omitempty"`
		Start    Date      `json:"start,omitempty"`
		Shift    Shift     `json:"shift,omitempty"`
		Pay      Pay       `json:"pay,omitzero"`
		Settle   Settle    `json:"settle,omitempty"`
		Cert     string    `json:"cert,omitempty"`
		Home     string    `json:"home,omitempty"`
		Complete bool      `json:"complete,omitempty"`
		Number   string    `json:"number,omitempty"` // the number told to the worker
	}
	// RecordConsent keeps the answer to a notice.
	RecordConsent struct {
		Notice  string `json:"notice"`
		Purpose string `json:"purpose"`
		Agreed  bool   `json:"agreed"`
		Shown   string `json:"shown"`
	}
	// SubmitApplication applies for a post.
	SubmitApplication struct {
		Number string   `json:"number"`
		Post   PostID   `json:"post"`
		Party  int      `json:"party"`
		Name   Personal `json:"name"`
		Phone  Personal `json:"phone"`
	}
	// WithdrawApplication takes an application back.
	WithdrawApplication struct {
		Number string `json:"number"`
	}
	// AddAlert asks to hear of new posts.
	AddAlert struct {
		Trades []TradeID `json:"trades,omitempty"`
		Places []Place   `json:"places,omitempty"`
	}
	// StopAlerts ends alerts for the trades, or all of them where none is named.
	StopAlerts struct {
		Trades []TradeID `json:"trades,omitempty"`
	}
	// AskStaff lays a request before staff.
	AskStaff struct {
		Number string      `json:"number"`
		About  RequestKind `json:"about"`
		Post   PostID      `json:"post,omitempty"`
		Reason string      `json:"reason,omitempty"`
		Note   Personal    `json:"note,omitzero"`
		Urgent bool        `json:"urgent,omitempty"`
		Where  string      `json:"where,omitempty"`
	}
	// FileCase files a dispute for mediation.
	FileCase struct {
		Number  string  `json:"number"`
		Dispute Dispute `json:"dispute"`
	}
	// AddToCase adds what the worker has to say to a case of theirs.
	AddToCase struct {
		Number string   `json:"number"`
		Note   Personal `json:"note"`
	}
	// WithdrawCase takes a case back, as long as it is not over.
	WithdrawCase struct {
		Number string   `json:"number"`
		Reason Personal `json:"reason,omitzero"`
	}
	// KeepFile keeps a photo, a recording or a document for staff. Its id in the records is the entry's.
	KeepFile struct {
		File
		Number string `json:"number,omitempty"` // of the request that it belongs to
		Where  string `json:"where,omitempty"`  // dialogue and state in which it was sent
	}
	// NoteContact keeps whether a person can be written to on the channel, and the code that brought them there.
	NoteContact struct {
		Reachable bool   `json:"reachable"`
		Scene     string `json:"scene,omitempty"`
	}
	// NoteUnclear keeps what was not understood, for whoever looks after the words. The records do
	// not keep the entry's From with it, and what is recognised as telling who said it is masked in the text.
	NoteUnclear struct {
		Text  string `json:"text"`
		Where string `json:"where"` // dialogue and state
	}
	// LinkIdentity makes one worker of two: whoever is behind the entry's From is the worker of Into from now on.
	LinkIdentity struct {
		Into Identity `json:"into"`
	}
	// UnlinkIdentity lets an identity be somebody of its own again. What was joined stays with the worker.
	UnlinkIdentity struct {
		Identity Identity `json:"identity"`
		Message  string   `json:"message,omitempty"` // set by the engine: the message that asked for it, if it came from that identity
	}
	// MakePass makes a one-time pass good: whoever brings it speaks as the entry's From.
	MakePass struct {
		Hash     string    `json:"hash"`               // of the pass, see the engine
		Instance string    `json:"instance,omitempty"` // the dialogue to go on with; "" for linking for good
		Till     time.Time `json:"till"`
	}
)

// Kind names the effect.
func (SaveWorker) Kind() string { return "save_worker" }

// Kind names the effect.
func (RecordConsent) Kind() string { return "record_consent" }

// Kind names the effect.
func (SubmitApplication) Kind() string { return "submit_application" }

// Kind names the effect.
func (WithdrawApplication) Kind() string { return "withdraw_application" }

// Kind names the effect.
func (AddAlert) Kind() string { return "add_alert" }

// Kind names the effect.
func (StopAlerts) Kind() string { return "stop_alerts" }

// Kind names the effect.
func (AskStaff) Kind() string { return "ask_staff" }

// Kind names the effect.
func (FileCase) Kind() string { return "file_case" }

// Kind names the effect.
func (AddToCase) Kind() string { return "add_to_case" }

// Kind names the effect.
func (WithdrawCase) Kind() string { return "withdraw_case" }

// Kind names the effect.
func (KeepFile) Kind() string { return "keep_file" }

// Kind names the effect.
func (NoteContact) Kind() string { return "note_contact" }

// Kind names the effect.
func (NoteUnclear) Kind() string { return "note_unclear" }

// Kind names the effect.
func (LinkIdentity) Kind() string { return "link_identity" }

// Kind names the effect.
func (UnlinkIdentity) Kind() string { return "unlink_identity" }

// Kind names the effect.
func (MakePass) Kind() string { return "make_pass" }

// DecodeEffect reads an effect of the kind back from what Pack made of it. An unknown kind is an Error of code
// Invalid: it was written by a newer version, and must wait for one.
func DecodeEffect(kind string, data []byte) (Effect, error) {
	switch kind {
	case SaveWorker{}.Kind():
		return decodeEffect[SaveWorker](data)
	case RecordConsent{}.Kind():
		return decodeEffect[RecordConsent](data)
	case SubmitApplication{}.Kind():
		return decodeEffect[SubmitApplication](data)
	case WithdrawApplication{}.Kind():
		return decodeEffect[WithdrawApplication](data)
	case AddAlert{}.Kind():
		return decodeEffect[AddAlert](data)
	case StopAlerts{}.Kind():
		return decodeEffect[StopAlerts](data)
	case AskStaff{}.Kind():
		return decodeEffect[AskStaff](data)
	case FileCase{}.Kind():
		return decodeEffect[FileCase](data)
	case AddToCase{}.Kind():
		return decodeEffect[AddToCase](data)
	case WithdrawCase{}.Kind():
		return decodeEffect[WithdrawCase](data)
	case KeepFile{}.Kind():
		return decodeEffect[KeepFile](data)
	case NoteContact{}.Kind():
		return decodeEffect[NoteContact](data)
	case NoteUnclear{}.Kind():
		return decodeEffect[NoteUnclear](data)
	case LinkIdentity{}.Kind():
		return decodeEffect[LinkIdentity](data)
	case UnlinkIdentity{}.Kind():
		return decodeEffect[UnlinkIdentity](data)
	case MakePass{}.Kind():
		return decodeEffect[MakePass](data)
	}
	return nil, Errorf(Invalid, "decode effect", "unknown kind %q: written by a newer version, start that one", kind)
}

func decodeEffect[E Effect](data []byte) (Effect, error) {
	var e E
	err := json.Unmarshal(data, &e)
	return e, err
}

// Entry is an effect on its way from the ledger to the records.
type Entry struct {
	ID   string          `json:"id"` // made from the dialogue instance; applying it twice changes nothing
	Kind string          `json:"kind"`
	From Identity        `json:"from"`
	Lang string          `json:"lang"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

// String leaves the data out.
func (e Entry) String() string { return e.Kind + " " + e.ID }

// Format leaves the data out, whatever the verb.
func (e Entry) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.String())) }

// LogValue leaves the data out.
func (e Entry) LogValue() slog.Value { return slog.StringValue(e.String()) }
