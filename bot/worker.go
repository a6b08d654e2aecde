package bot

import "time"

// Worker is what the records keep about a person who registered or applied.
type Worker struct {
	ID       WorkerID
	Number   string   // of the registration, as the worker was told it
	From     Identity // where they were first met
	Lang     string
	Name     Personal
	Phone    Personal
	Birth    Birth
	Trades   []TradeID
	Places   []Place
	Start    Date
	Shift    Shift
	Pay      Pay
	Settle   Settle
	Cert     string
	Home     string // 户籍
	Consent  string // version of the notice agreed to, "" if none or withdrawn
	Since    time.Time
	Modified time.Time
	Complete bool // has registered; otherwise only what an application needed is known
}

// Notice is the version of the notice about personal data. A change of purpose or of the kinds of data needs a new
// version, and everybody is asked again (个人信息保护法 §14).
const Notice = "2026-11"

// ForMediation is the purpose of the consent to hand a dispute to mediators. It is asked for with every case, and says
// nothing of being introduced to work.
const ForMediation = "mediation"

// Consent is one answer to a notice.
type Consent struct {
	Notice  string // version: "2026-11"
	Agreed  bool
	Purpose string // "placement"
	Shown   string // the text that was shown, as it was shown
	Lang    string
	At      time.Time
}

// Alert is a wish to hear of new posts.
type Alert struct {
	Trades []TradeID
	Places []Place
	Since  time.Time
}

// Request is something that staff must see: a wish for a person, a reported post, a fault of ours.
type Request struct {
	Number string
	Kind   RequestKind
	Worker WorkerID
	Post   PostID   // for a report
	Reason string   // for a report: one of the reasons of Slots.Reason; for a fault: what happened, without personal data
	Note   Personal // the worker's own words
	Urgent bool
	Where  string // dialogue and state in which it was made
	At     time.Time
}

// RequestKind says what a Request is about.
type RequestKind string

// The kinds of request.
const (
	WantsPerson RequestKind = "person"
	PostReport  RequestKind = "report"
	WantsErase  RequestKind = "erase"
	WantsCopy   RequestKind = "copy"
	InDanger    RequestKind = "danger"
	OwnFault    RequestKind = "fault"
)
