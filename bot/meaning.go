package bot

// Intent is what a worker wants, by the names of the whole service.
type Intent string

// The intents.
const (
	RegisterStart   Intent = "register.start"
	RegisterEdit    Intent = "register.edit"
	JobsSearch      Intent = "jobs.search"
	JobsApply       Intent = "jobs.apply"
	JobsWithdraw    Intent = "jobs.withdraw"
	JobsMine        Intent = "jobs.mine"
	JobsReport      Intent = "jobs.report"
	AlertAdd        Intent = "alert.add"
	AlertRemove     Intent = "alert.remove"
	StationsFind    Intent = "stations.find"
	InsuranceAsk    Intent = "insurance.ask"
	InsuranceClaim  Intent = "insurance.claim"
	DisputeNew      Intent = "dispute.new"
	DisputeStatus   Intent = "dispute.status"
	DisputeWithdraw Intent = "dispute.withdraw"
	NavBack         Intent = "nav.back"
	NavCancel       Intent = "nav.cancel"
	NavHome         Intent = "nav.home"
	NavHelp         Intent = "nav.help"
	NavGreet        Intent = "nav.greet" // a greeting and nothing else
	NavHuman        Intent = "nav.human"
	NavSkip         Intent = "nav.skip"
	NavMore         Intent = "nav.more"    // the next page
	NavRestart      Intent = "nav.restart" // begin this dialogue again, from nothing
	LangChinese     Intent = "lang.zh-CN"
	LangEnglish     Intent = "lang.en"
	LinkAdd         Intent = "link.add"    // one worker on two channels
	LinkRemove      Intent = "link.remove" // a channel goes its own way again
	Unsubscribe     Intent = "privacy.unsubscribe"
	PrivacyDelete   Intent = "privacy.delete"
	PrivacyExport   Intent = "privacy.export"
	PrivacyView     Intent = "privacy.view"
	Emergency       Intent = "emergency"
	Crisis          Intent = "crisis"
	TooYoung        Intent = "age.under16" // given by the engine, to whoever says that they are not 16 yet
	Unknown         Intent = "unknown"
)

// Slots are the values found in a text; what was not said is zero.
type Slots struct {
	Name    Personal  `json:"name,omitzero"`
	Phone   Personal  `json:"phone,omitzero"`
	Birth   Birth     `json:"birth,omitzero"`
	Trades  []TradeID `json:"trades,omitempty"`
	Places  []Place   `json:"places,omitempty"`
	Pay     Pay       `json:"pay,omitzero"` // Unit is "" where it was not said
	Settle  Settle    `json:"settle,omitempty"`
	Shift   Shift     `json:"shift,omitempty"`
	Date    Date      `json:"date,omitempty"`
	Time    Clock     `json:"time,omitempty"`
	Party   int       `json:"party,omitempty"`
	Meals   bool      `json:"meals,omitempty"`
	Lodging bool      `json:"lodging,omitempty"`
	Reason  string    `json:"reason,omitempty"` // why a post is reported: fee wrong_address wrong_trade unreachable already_full unpaid scam

	Other    Birth          `json:"other,omitzero"`     // of somebody else for whom it is asked
	IDNumber Personal       `json:"id_number,omitzero"` // of 18 characters, with its check character right
	Amount   int64          `json:"amount,omitempty"`   // what is owed or claimed in all, in fen
	Kinds    []DisputeKind  `json:"kinds,omitempty"`
	Topic    InsuranceTopic `json:"topic,omitempty"`
}

// DisputeKind is what somebody has against whoever they worked for.
type DisputeKind string

// DisputeKinds are all kinds, in the order in which they are told.
var DisputeKinds = []DisputeKind{
	"wage_arrears", "deduction", "deposit", "no_contract", "dismissal", "overtime", "injury", "insurance_refusal", "platform_ban", "social_insurance", "other",
}

// InsuranceTopic is what a question about insurance is after.
type InsuranceTopic string

// InsuranceTopics are all topics.
var InsuranceTopics = []InsuranceTopic{
	"what", "who_can_join", "scope", "amount", "price", "who_pays", "per_day", "how_buy", "effective_when", "verify_policy", "overlap", "how_claim", "materials",
	"time_limit", "progress", "refusal", "complaint", "rider",
}

// Get returns the slot that the parser reads, if it was said.
func (s *Slots) Get(p Parser) (Value, bool) {
	if !s.Has(p) {
		return nil, false
	}
	switch p {
	case PersonName:
		return s.Name, true
	case Phone:
		return s.Phone, true
	case BirthOrAge:
		return s.Birth, true
	case TradeList:
		return s.Trades, true
	case Areas:
		return s.Places, true
	case PayWanted:
		return s.Pay, true
	case Settlement:
		return s.Settle, true
	case WorkShift:
		return s.Shift, true
	case StartDay:
		return s.Date, true
	case ClockTime:
		return s.Time, true
	case PartySize:
		return s.Party, true
	case Sum:
		return Money(s.Amount), true
	}
	return nil, false
}

// Has reports whether the slot that the parser reads was said.
func (s *Slots) Has(p Parser) bool {
	switch p {
	case PersonName:
		return !s.Name.IsZero()
	case Phone:
		return !s.Phone.IsZero()
	case BirthOrAge:
		return s.Birth != Birth{}
	case TradeList:
		return len(s.Trades) > 0
	case Areas:
		return len(s.Places) > 0
	case PayWanted:
		return s.Pay != Pay{} && s.Pay.Unit != ""
	case Settlement:
		return s.Settle != ""
	case WorkShift:
		return s.Shift != ""
	case StartDay:
		return s.Date != ""
	case ClockTime:
		return s.Time != ""
	case PartySize:
		return s.Party > 0
	case Sum:
		return s.Amount > 0
	}
	return false
}

// AskBack is a word that means more than one thing, and the things.
type AskBack struct {
	Parser  Parser
	Word    string
	Options []Value // each a whole Value of the parser
}

// Reading is what a text means, whatever was asked.
type Reading struct {
	Intent     Intent
	Confidence float64 // 0 to 1; at 0.8 a digression is taken
	Whole      bool    // the intent's words are the whole message: it is a command
	Slots      Slots
	Ask        []AskBack
	Edit       Parser // with RegisterEdit: which kind of answer is to change, "" for the last one
}

// Match says how much of a text an answer was.
type Match int

// The matches.
const (
	NoMatch Match = iota
	Within        // the answer stands among other words
	Whole         // the text is the answer and nothing else
)

// Parsed is what a text means as the answer to one question.
type Parsed struct {
	Value   Value // set when Match is not NoMatch and Options is empty
	Match   Match
	Fault   string  // text key of what is wrong with what was given, "fault.phone.length"; "" where nothing was recognised
	Count   int     // the number that the fault's text needs: how many digits were given
	Word    string  // the word to ask about
	Options []Value // ask back among these
}
