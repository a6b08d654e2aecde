// Package cases says what can happen to a dispute: which step leads from which state to which, who may take it, what must
// be there for it, and whether the worker is told. It guarantees that nothing happens that the table does not have, that
// a case is closed only with an outcome on record, that a referral names the office, and that a refusal to take a case on
// says why. It keeps nothing: who takes a step brings the case as it is, and the records take the step once, by the case's
// version, so that of two who act at once one wins and the other is told.
//
// One party's clear refusal ends people's mediation (人民调解法 §17); where no agreement is reached the mediator must name
// the other ways (§26); how an agreement is kept to is watched (§31).
package cases

import (
	"slices"

	"yilu/bot"
)

// Role is who somebody is in a case.
type Role string

// The roles. What a mediator may a lead may, too; a station's clerk takes cases in.
const (
	Worker   Role = "worker"
	Clerk    Role = "clerk"
	Mediator Role = "mediator"
	Lead     Role = "lead"
)

// Roles are those of staff.
var Roles = []Role{Clerk, Mediator, Lead}

// Need is what a step cannot be taken without.
type Need string

// The needs.
const (
	NeedNothing Need = ""
	NeedNote    Need = "note" // a reason, or what is missing: for staff and for the record
	NeedTold    Need = "told" // words for the worker
	NeedWhom    Need = "whom" // a mediator
)

// The actions. Three of them are events that clocks know: see bot/deadline.
const (
	Submit   = "submit"
	Receive  = "receive"
	Review   = "review"
	NeedMore = "need_more"
	Add      = "add" // by the worker, and by staff for them
	Accept   = "accept"
	Decline  = "decline"
	Assign   = "assign"
	Contact  = "contact"
	Refuse   = "refuse"
	Schedule = "schedule"
	Mediate  = "mediate"
	Agree    = "agree"
	Fail     = "fail"
	Perform  = "perform" // the other side has begun to do what was agreed
	Fulfil   = "fulfil"
	Breach   = "breach"
	Refer    = "refer"
	Withdraw = "withdraw"
	Close    = "close"
	Archive  = "archive"
	Note     = "note"   // changes nothing
	Look     = "look"   // at what is masked, with the reason
	Extend   = "extend" // of the period that may be prolonged
)

// Step is one row of the table.
type Step struct {
	Action string
	From   []bot.CaseState
	To     bot.CaseState // "" for the state as it was
	By     []Role
	Need   []Need
}

var staff = []Role{Clerk, Mediator, Lead}
var mediators = []Role{Mediator, Lead}

// open are the states of a case that goes on before there is a result.
var open = []bot.CaseState{
	bot.CaseSubmitted, bot.CaseReceived, bot.CaseReviewing, bot.CaseIncomplete, bot.CaseAccepted, bot.CaseAssigned, bot.CaseContacting, bot.CaseScheduled,
	bot.CaseMediating,
}

// ended are the states that have a result, or are without one for good.
var ended = []bot.CaseState{
	bot.CaseFailed, bot.CaseRefused, bot.CasePerformed, bot.CaseBreached, bot.CaseDeclined, bot.CaseReferred, bot.CaseWithdrawn,
}

// Steps is the table.
var Steps = []Step{
	{Receive, []bot.CaseState{bot.CaseSubmitted}, bot.CaseReceived, staff, nil},
	{Review, []bot.CaseState{bot.CaseReceived, bot.CaseIncomplete}, bot.CaseReviewing, staff, nil},
	{NeedMore, []bot.CaseState{bot.CaseReviewing, bot.CaseReceived}, bot.CaseIncomplete, staff, []Need{NeedTold}},
	{Add, []bot.CaseState{bot.CaseIncomplete}, bot.CaseReviewing, []Role{Worker, Clerk, Mediator, Lead}, []Need{NeedNote}},
	{Add, []bot.CaseState{
		bot.CaseSubmitted, bot.CaseReceived, bot.CaseReviewing, bot.CaseAccepted, bot.CaseAssigned, bot.CaseContacting, bot.CaseScheduled, bot.CaseMediating,
		bot.CaseAgreed, bot.CasePerforming, bot.CaseFailed, bot.CaseRefused, bot.CaseBreached, bot.CaseDeclined, bot.CaseReferred,
	}, "", []Role{Worker, Clerk, Mediator, Lead}, []Need{NeedNote}},
	{Accept, []bot.CaseState{bot.CaseReviewing}, bot.CaseAccepted, mediators, nil},
	{Decline, []bot.CaseState{bot.CaseReceived, bot.CaseReviewing, bot.CaseIncomplete}, bot.CaseDeclined, mediators, []Need{NeedNote, NeedTold}},
	{Assign, []bot.CaseState{bot.CaseAccepted, bot.CaseAssigned, bot.CaseContacting, bot.CaseScheduled, bot.CaseMediating}, bot.CaseAssigned, []Role{Lead, Mediator}, []Need{NeedWhom}},
	{Contact, []bot.CaseState{bot.CaseAssigned}, bot.CaseContacting, mediators, nil},
	{Refuse, []bot.CaseState{bot.CaseContacting, bot.CaseScheduled, bot.CaseMediating}, bot.CaseRefused, mediators, []Need{NeedTold}},
	{Schedule, []bot.CaseState{bot.CaseContacting, bot.CaseScheduled, bot.CaseMediating}, bot.CaseScheduled, mediators, []Need{NeedTold}},
	{Mediate, []bot.CaseState{bot.CaseScheduled, bot.CaseContacting}, bot.CaseMediating, mediators, nil},
	{Agree, []bot.CaseState{bot.CaseMediating, bot.CaseContacting}, bot.CaseAgreed, mediators, []Need{NeedNote, NeedTold}},
	{Fail, []bot.CaseState{bot.CaseMediating}, bot.CaseFailed, mediators, []Need{NeedTold}},
	{Perform, []bot.CaseState{bot.CaseAgreed}, bot.CasePerforming, mediators, nil},
	{Fulfil, []bot.CaseState{bot.CaseAgreed, bot.CasePerforming}, bot.CasePerformed, mediators, nil},
	{Breach, []bot.CaseState{bot.CaseAgreed, bot.CasePerforming}, bot.CaseBreached, mediators, []Need{NeedTold}},
	{Refer, append([]bot.CaseState{bot.CaseFailed, bot.CaseRefused, bot.CaseBreached, bot.CaseDeclined}, open...), bot.CaseReferred, mediators, []Need{NeedNote, NeedTold}},
	{Withdraw, open, bot.CaseWithdrawn, []Role{Worker, Clerk, Mediator, Lead}, nil},
	{Close, ended, bot.CaseClosed, mediators, []Need{NeedNote}},
	{Archive, []bot.CaseState{bot.CaseClosed}, bot.CaseArchived, []Role{Lead}, nil},
	{Extend, []bot.CaseState{bot.CaseAccepted, bot.CaseAssigned, bot.CaseContacting, bot.CaseScheduled, bot.CaseMediating}, "", mediators, []Need{NeedNote, NeedTold}},
	{Look, append(append([]bot.CaseState{bot.CaseAgreed, bot.CasePerforming, bot.CaseClosed, bot.CaseArchived}, ended...), open...), "", staff, []Need{NeedNote}},
	{Note, append(append([]bot.CaseState{bot.CaseAgreed, bot.CasePerforming, bot.CaseClosed}, ended...), open...), "", staff, []Need{NeedNote}},
}

// Request is a step that somebody wants to take.
type Request struct {
	Action string
	By     Role
	Note   bot.Personal
	Told   bot.Personal
	Whom   string
}

const op = "take step in case"

// wants says what a need is.
var wants = map[Need]string{
	NeedNote: "a reason for the record", NeedTold: "words for the worker, who reads them with the progress", NeedWhom: "the mediator who gets it",
}

// Take says where the step leads. An action that the table does not have for the state is a Conflict that says which ones
// it has; one that is not for the role is Forbidden; what is missing is Invalid and named.
func Take(state bot.CaseState, r Request) (to bot.CaseState, err error) {
	known, mine := false, false
	for _, s := range Steps {
		if s.Action != r.Action {
			continue
		}
		known = true
		if !slices.Contains(s.From, state) {
			continue
		}
		if mine = slices.Contains(s.By, r.By); !mine {
			continue
		}
		for _, need := range s.Need {
			if missing(need, r) {
				return "", &bot.Error{Code: bot.Invalid, Op: op, Field: string(need), Say: "is needed to " + r.Action + " a case: " + wants[need]}
			}
		}
		if s.To == "" {
			return state, nil
		}
		return s.To, nil
	}
	switch can := Actions(state, r.By); {
	case !known:
		return "", bot.Errorf(bot.Invalid, op, "there is no action %q", r.Action)
	case known && allowed(state, r.Action):
		return "", &bot.Error{Code: bot.Invalid, Op: op, Field: "role", Say: "a " + string(r.By) + " may not " + r.Action + " a case that is " + string(state)}
	default:
		return "", bot.Errorf(bot.Conflict, op, "a case that is %s cannot be taken to %s; what a %s can do now: %v", state, r.Action, r.By, can)
	}
}

func missing(n Need, r Request) bool {
	switch n {
	case NeedNote:
		return r.Note.IsZero()
	case NeedTold:
		return r.Told.IsZero()
	case NeedWhom:
		return r.Whom == ""
	}
	return false
}

// allowed reports that somebody may do it in the state.
func allowed(state bot.CaseState, action string) bool {
	return slices.ContainsFunc(Steps, func(s Step) bool { return s.Action == action && slices.Contains(s.From, state) })
}

// Actions are what somebody of the role can do with a case in the state, in the order of the table.
func Actions(state bot.CaseState, by Role) (list []string) {
	for _, s := range Steps {
		if slices.Contains(s.From, state) && slices.Contains(s.By, by) && !slices.Contains(list, s.Action) {
			list = append(list, s.Action)
		}
	}
	return list
}

// Over reports that nothing more is expected to happen.
func Over(state bot.CaseState) bool {
	return state == bot.CaseClosed || state == bot.CaseArchived || slices.Contains(ended, state)
}
