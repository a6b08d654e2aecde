package bot

import "time"

// CaseState says where a dispute stands.
type CaseState string

// The states of a case, in the order in which one that goes well passes them. What leads from one to another, and who may,
// stands in bot/cases.
const (
	CaseSubmitted  CaseState = "submitted"  // the worker has filed it; nobody has taken it yet
	CaseReceived   CaseState = "received"   // the office has it: the periods of the law run from here
	CaseReviewing  CaseState = "reviewing"  // somebody looks whether it can be taken on
	CaseIncomplete CaseState = "incomplete" // the worker has something to add
	CaseAccepted   CaseState = "accepted"
	CaseAssigned   CaseState = "assigned" // a mediator has it
	CaseContacting CaseState = "contacting"
	CaseScheduled  CaseState = "scheduled"
	CaseMediating  CaseState = "mediating"
	CaseAgreed     CaseState = "agreed"
	CaseFailed     CaseState = "failed"  // no agreement
	CaseRefused    CaseState = "refused" // the other side will not come
	CasePerforming CaseState = "performing"
	CasePerformed  CaseState = "performed"
	CaseBreached   CaseState = "breached" // what was agreed was not done
	CaseDeclined   CaseState = "declined" // not taken on, with the reason
	CaseReferred   CaseState = "referred" // to another office
	CaseWithdrawn  CaseState = "withdrawn"
	CaseClosed     CaseState = "closed"
	CaseArchived   CaseState = "archived"
)

// CaseStates are all states.
var CaseStates = []CaseState{
	CaseSubmitted, CaseReceived, CaseReviewing, CaseIncomplete, CaseAccepted, CaseAssigned, CaseContacting, CaseScheduled, CaseMediating, CaseAgreed,
	CaseFailed, CaseRefused, CasePerforming, CasePerformed, CaseBreached, CaseDeclined, CaseReferred, CaseWithdrawn, CaseClosed, CaseArchived,
}

// Dispute is what a worker asks to have mediated, as they told it. Nothing in it is judged.
type Dispute struct {
	Kinds      []DisputeKind `json:"kinds,omitempty"`
	Name       Personal      `json:"name,omitzero"`
	Phone      Personal      `json:"phone,omitzero"`
	Young      bool          `json:"young,omitempty"`     // not 16 yet, as they say
	Hirer      string        `json:"hirer,omitempty"`     // who had them work, see Hirers
	Respondent Personal      `json:"respondent,omitzero"` // whom it is against: a name, or whatever leads to them
	Places     []Place       `json:"places,omitempty"`    // where the work was
	Period     Personal      `json:"period,omitzero"`     // from when to when, in their words
	Contract   string        `json:"contract,omitempty"`  // see Contracts
	Still      string        `json:"still,omitempty"`     // whether they still work there: "yes", "no" or ""
	Amount     Money         `json:"amount,omitempty"`    // what they say they are owed
	Rate       Pay           `json:"rate,omitzero"`       // with Count and Paid, where the amount was worked out
	Count      int           `json:"count,omitempty"`     // of the unit of the rate
	Paid       Money         `json:"paid,omitempty"`      // of it
	Party      int           `json:"party,omitempty"`     // how many are in it together
	Facts      Personal      `json:"facts,omitzero"`      // what happened, in their words
	Evidence   Personal      `json:"evidence,omitzero"`   // what they have to show, in their words
	Elsewhere  string        `json:"elsewhere,omitempty"` // where else it lies already, in their words
	Route      Route         `json:"route,omitempty"`     // provisional; staff decide
	Shown      Personal      `json:"shown,omitzero"`      // what was read back and confirmed
	ByStaff    string        `json:"by_staff,omitempty"`  // who entered it for the worker
}

// Hirers are who can have had a worker work.
var Hirers = []string{"company", "foreman", "household", "platform", "agency", "unsure"}

// Contracts are what can have been agreed on.
var Contracts = []string{"written", "oral", "none", "unsure"}

// Route is the way that a dispute will probably go. It is provisional: whether there is a labour relation is for others
// to say.
type Route string

// The routes.
const (
	RouteLabour   Route = "labour"   // mediation of labour disputes, then arbitration; labour inspection for wages
	RouteSite     Route = "site"     // wages on a building site: 保障农民工工资支付条例
	RoutePlatform Route = "platform" // the one-stop mediation for new forms of work
	RouteCivil    Route = "civil"    // people's mediation, then a court: work for a household or a foreman
	RouteInsurer  Route = "insurer"  // an insurer that will not pay
	RouteStaff    Route = "staff"    // somebody has to look first
)

// Routes are all routes.
var Routes = []Route{RouteLabour, RouteSite, RoutePlatform, RouteCivil, RouteInsurer, RouteStaff}

// GroupCase is from how many people on a case may be led by representatives (劳动争议调解仲裁法 §7).
const GroupCase = 10

// Urgent reports what staff must look at before anything else: an injury, a child, a group.
func (d Dispute) Urgent() bool {
	for _, k := range d.Kinds {
		if k == "injury" {
			return true
		}
	}
	return d.Young || d.Party >= GroupCase
}

// Case is a dispute on its way.
type Case struct {
	Number   string
	Worker   WorkerID
	State    CaseState
	Version  int64 // one more with every event
	Assigned string
	Dispute  Dispute
	Opened   time.Time
	Modified time.Time
	History  []CaseEvent // the first one first
	Clocks   []CaseClock // that have started, see bot/deadline; nil where nobody has counted
}

// CaseClock is a period that runs, or ran, in a case.
type CaseClock struct {
	ID       string // of the text deadline.<id>
	Started  Date
	Due      Date   // the last day; "" where nobody can know it
	Level    string // green, amber, red, paused, met or missed
	Reminder bool   // nobody is late by it
	Law      bool   // a law sets it, not the operator
}

// Running reports that the clock has not been stopped.
func (c CaseClock) Running() bool { return c.Level != "met" && c.Level != "missed" }

// CaseEvent is something that happened in a case. It is never changed.
type CaseEvent struct {
	Seq    int64
	At     time.Time
	Action string    // by the names of bot/cases
	Actor  string    // who: "worker", or the name of somebody on the staff
	From   CaseState // "" for the first
	To     CaseState
	Note   Personal // for staff
	Told   Personal // for the worker, who reads it with the case
}
