package bot

import (
	"fmt"
	"time"
)

// SendFault says why a message that Yilu wanted to send did not go out, in terms that are the same for every platform.
type SendFault string

// The faults. What to do about each:
const (
	Busy         SendFault = "busy"         // the platform cannot now: try again after RetryAfter, or with growing pauses
	TooFast      SendFault = "too_fast"     // too many at once: nothing to this channel before RetryAfter
	QuotaSpent   SendFault = "quota_spent"  // the day's number is used up: nothing more of this kind before RetryAfter
	WindowClosed SendFault = "closed"       // the person has not written lately, or was sent too much: wait for them to write
	NoConsent    SendFault = "no_consent"   // the person has not agreed to messages of this kind
	Unreachable  SendFault = "unreachable"  // the person has blocked or left the account: until they come back
	NoSuchPerson SendFault = "no_person"    // there is nobody of this id: never again
	MovedTo      SendFault = "moved"        // the conversation has another id now: send to Moved
	TooLong      SendFault = "too_long"     // a fault of ours: split it
	NotAllowed   SendFault = "not_allowed"  // the account may not do this, or not from here: tell the operator
	BadSecret    SendFault = "bad_secret"   // the platform does not know the credentials: tell the operator
	AlreadySent  SendFault = "already_sent" // the platform has had this very message before: take it as sent
	Refused      SendFault = "refused"      // anything else for good: never again as it is
	Uncertain    SendFault = "uncertain"    // it was written out and nothing came back: it may have been sent
)

// SendError is a message that did not go out, or may not have. It never holds a secret, nor what was to be sent.
type SendError struct {
	Fault      SendFault
	Channel    string
	Call       string        // the platform's name of what was called: "message/custom/send"
	Code       int           // the platform's own code: errcode, or the HTTP status; 0 if none came back
	RetryAfter time.Duration // for Busy, TooFast and QuotaSpent; 0 if unknown
	Moved      string        // for MovedTo: the new id
	Say        string        // what the platform said of it, or what happened, without secrets
}

// Error joins the parts.
func (e *SendError) Error() string {
	text := fmt.Sprintf("%s: %s: %s", e.Channel, e.Call, e.Fault)
	if e.Code != 0 {
		text += fmt.Sprintf(" (%d)", e.Code)
	}
	if e.Say != "" {
		text += ": " + e.Say
	}
	return text
}

// Again reports whether the same message may be sent again later by itself.
func (e *SendError) Again() bool {
	return e.Fault == Busy || e.Fault == TooFast || e.Fault == QuotaSpent
}
