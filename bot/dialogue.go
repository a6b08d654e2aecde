package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Dialogue is one conversation as a table. Whoever knows the service but no Go should be able to check it against the
// leaflet: what is asked, what is accepted, where each outcome leads. It is never changed after it was listed.
//
// Texts are found by name in the locales:
//
//	<dialogue>.<state>            what the state asks or says
//	<dialogue>.<state>.again      the same in simpler words, after an answer that was not understood
//	<dialogue>.<state>.<choice>   the label of a choice
//	<dialogue>.field.<field>      the name of a field, in the summary and where a value is read back
//	<dialogue>.title              what the dialogue is called: "登记"
//
// The engine gives every state, unasked: back, cancel, help, a person, the menu, the language, leaving for a side
// question and coming back, several answers in one message, correction of an earlier answer, a person after the third
// miss, a recap after a pause, and an end after Expires.
type Dialogue struct {
	Name    string
	Version int           // raise it whenever a state or a field changes its name or its meaning
	Intents []Intent      // the wishes that start it
	Form    any           // zero value of the struct of its answers; fields by their json names
	Hears   []Heard       // fields that are filled when the worker says them, and never asked for
	Start   string        // the first state
	States  []State       //
	Expires time.Duration // how long an unfinished one is kept; 0 = 30 days
	Pause   time.Duration // after this silence the next turn begins with a recap; 0 = 6 hours
	Own     bool          // not for a browser that goes on for a day by a one-time link: it shows or changes what is kept of the worker
	Aid     bool          // for whoever is in trouble: nobody is too young for it
	Quiet   bool          // values are not read back one by one as they come: its own texts show them
}

// Heard is a field that takes what a worker says of its own accord.
type Heard struct {
	Field string
	As    Parser
}

// Outcome is what came of a state: the event of the state machine.
type Outcome string

// The outcomes that the engine itself gives. A choice gives its own name, a called dialogue its result.
const (
	Answered Outcome = "answered" // a field was filled, or skipped
	Yes      Outcome = "yes"      // a YesNo without a field, a summary confirmed
	No       Outcome = "no"
	Next     Outcome = "next"    // the usual outcome of a state that does not wait
	Refined  Outcome = "refined" // in a List: the worker named other wishes, and the fields hold them now
)

// More is a choice that is offered only while it leads anywhere: in a List while the form's field "more" is true, in a
// Summary while there are optional questions that were not asked.
const More = "more"

// Edge leads an outcome to a state of the same dialogue, or into another dialogue by Enter.
type Edge struct {
	On Outcome
	To string
}

// Enter is the target of an edge that ends this dialogue and begins another one.
func Enter(dialogue string) string { return ">" + dialogue }

// State is one row of the table. It waits for an answer if it has Accept, Choices, List or Summary; else it is passed
// in the same turn: it runs Decide, calls a dialogue, or ends this one.
type State struct {
	Name string

	// Waiting for an answer.
	Accept    Parser                        // how the answer is read
	Field     string                        // the field of the form that the answer fills; "" only with YesNo
	Optional  bool                          // may be skipped; a refusal is kept and not asked again
	Aside     bool                          // asked only in some cases: not counted in "step 3 of 6"
	Sensitive bool                          // not asked on a channel that stores data abroad: the worker gets a link to the web chat
	Choices   []string                      // fixed choices, by name; each is an outcome, or a value of Field if that is set
	List      func(*Turn) ([]Option, error) // choices of the moment; picking one fills Field and gives Answered
	Summary   bool                          // reads the form back; Yes, or a correction

	// What it means.
	Decide func(*Turn) (Outcome, error) // chooses the outcome; nil: Answered, Yes, No, the choice, or Next
	Data   func(*Turn) (any, error)     // a struct for the state's text

	// Where it leads.
	Call   string // a dialogue to run first; its result is the outcome
	Edges  []Edge
	End    Outcome  // ends the dialogue with this result; the state's text is its last word
	Silent bool     // with End: no last word, because the caller goes on
	Offer  []Intent // with End: what the worker may want next, as choices
}

// Waits reports whether the state waits for the worker.
func (s State) Waits() bool {
	return s.Accept != "" || len(s.Choices) > 0 || s.List != nil || s.Summary
}

// Option is one choice of the moment.
type Option struct {
	Value string // what picking it puts into the state's Field
	Label string // as the worker reads it
}

// Reader is what a dialogue may look up. Every method may fail with code Unavailable; one thing that is not there is
// NotFound.
type Reader interface {
	// Worker returns what is known about a person.
	Worker(ctx context.Context, id WorkerID) (Worker, error)
	// Search returns a page of published posts.
	Search(ctx context.Context, q Query) (Found, error)
	// Post returns one post in whatever state it is.
	Post(ctx context.Context, id PostID) (Post, error)
	// Applications returns a worker's applications that are not withdrawn, the newest first.
	Applications(ctx context.Context, id WorkerID) ([]Application, error)
	// Alerts returns a worker's alerts, the newest first.
	Alerts(ctx context.Context, id WorkerID) ([]Alert, error)
	// Answers returns what was approved to be said of a topic, valid or not, the newest first.
	Answers(ctx context.Context, scheme Scheme, topic InsuranceTopic) ([]Approved, error)
	// Stations returns all stations and markets in the order of their ids.
	Stations(ctx context.Context) ([]Station, error)
	// Cases returns a worker's disputes with their histories, the newest first.
	Cases(ctx context.Context, id WorkerID) ([]Case, error)
	// Identities returns the channels on which a worker is known, the first one first.
	Identities(ctx context.Context, id WorkerID) ([]Identity, error)
}

// Turn is what a handler sees of the message that is being answered, and where it leaves what it wants done. A
// handler is a pure function of it: no clock, no chance, no writing. It is lent to the handler until that returns: the next
// one gets the same.
type Turn struct {
	Context context.Context
	Now     time.Time
	From    Identity
	Said    Personal // the worker's own words
	Lang    string
	Read    Reader
	Reading Reading // what the message means, whatever was asked
	Choice  string  // the choice that was picked, "" otherwise
	Form    Fields  // the answers so far; Decide may fill in what is known already

	// Say appends a text by key, before the text of the state that follows. Data is a struct for the text.
	Say func(key string, data any)
	// Text renders a text without saying it, for labels of options. Data is a struct for the text.
	Text func(key string, data any) (string, error)
	// Do asks for an effect.
	Do func(Effect)
	// Number makes the number of an intake of this dialogue, the same however often it is asked for.
	Number func(prefix string) string
	// Waiting returns what this worker asked for and is not in the records yet.
	Waiting func() []Effect
	// Result returns what a Call of this dialogue came to, "" if it has not run.
	Result func(state string) Outcome
	// Unclear reports that an answer of the kind was given, and has to be asked about because it means several things.
	Unclear func(Parser) bool
	// Fact reads something that the session remembers across dialogues, "" if nothing.
	Fact func(name string) string
	// Remember keeps such a thing; "" forgets it.
	Remember func(name, value string)
	// Code makes a one-time code of CodeDigits digits, good for CodeMinutes: whoever types it on another channel is this
	// worker there from then on.
	Code func() string
	// Join makes this channel speak as the worker whose code was typed, from the next message on: Linked, Same where it
	// is this worker's own, or UnknownCode.
	Join func(code string) (Joining, error)
}

// The codes that Turn.Code makes.
const (
	CodeDigits  = 12
	CodeMinutes = 10
)

// Joining is what came of a code.
type Joining string

// What can come of a code.
const (
	Linked      Joining = "linked"
	Same        Joining = "same"
	UnknownCode Joining = "unknown" // mistyped, used, or too old
)

// Worker is the person's id.
func (t *Turn) Worker() WorkerID { return t.From.Worker() }

// Fields are the answers of a dialogue, by field. A field that was skipped is there as null.
type Fields map[string]Answer

// Answer is one answer as it is kept. It prints as a mask: answers are personal until proven otherwise.
type Answer struct{ raw json.RawMessage }

// NewAnswer keeps a value.
func NewAnswer(v any) (Answer, error) {
	if raw, ok := packed(v); ok {
		return Answer{raw}, nil
	}
	raw, err := Pack(v)
	return Answer{raw}, err
}

// Skipped is the answer of somebody who would rather not say.
var Skipped = Answer{json.RawMessage("null")}

// IsSkipped reports that the question was refused.
func (a Answer) IsSkipped() bool { return string(a.raw) == "null" }

// Reveal returns the answer's JSON, for Parser.Decode.
func (a Answer) Reveal() []byte { return a.raw }

// MarshalJSON writes the answer itself: sessions are encoded for the ledger only.
func (a Answer) MarshalJSON() ([]byte, error) {
	if len(a.raw) == 0 {
		return []byte("null"), nil
	}
	return a.raw, nil
}

// UnmarshalJSON keeps what it gets.
func (a *Answer) UnmarshalJSON(b []byte) error {
	a.raw = append(json.RawMessage(nil), b...)
	return nil
}

// String never tells the answer.
func (a Answer) String() string { return closed }

// Format never tells the answer, whatever the verb.
func (a Answer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(closed)) }

// LogValue never tells the answer.
func (a Answer) LogValue() slog.Value { return slog.StringValue(closed) }

// LogValue never tells the answers.
func (f Fields) LogValue() slog.Value { return slog.StringValue(closed) }

// Set puts a value into a field.
func (f Fields) Set(field string, v any) error {
	a, err := NewAnswer(v)
	if err == nil {
		f[field] = a
	}
	return err
}

// Has reports whether the field was answered or skipped.
func (f Fields) Has(field string) bool { _, ok := f[field]; return ok }
