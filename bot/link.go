package bot

import "time"

// Link is one row of the log of identities that came over to a worker, or went.
type Link struct {
	ID    string // of the effect
	At    time.Time
	What  LinkKind
	Who   Identity // who came over, or went
	From  WorkerID // whose they were; with LinkParted, the id of those who stay
	Into  WorkerID // whose they are since
	Moved          // with LinkParted, what those who stay took along where they had to leave their id behind
}

// LinkKind says what happened.
type LinkKind string

// The kinds of link.
const (
	LinkJoined LinkKind = "linked"
	LinkParted LinkKind = "unlinked"
)

// Moved names what went from one worker to the other: numbers, ids and names of fields, never values.
type Moved struct {
	Registration string   `json:"registration,omitempty"` // number of the registration of who came over
	Applications []string `json:"applications,omitempty"` // numbers, those of Withdrawn included
	Withdrawn    []string `json:"withdrawn,omitempty"`    // numbers of applications, of either, to a post for which both had one
	Requests     []string `json:"requests,omitempty"`     // numbers
	Alerts       []string `json:"alerts,omitempty"`       // ids
	Same         []string `json:"same,omitempty"`         // ids of alerts that were there already, and are gone
	Consents     []string `json:"consents,omitempty"`     // ids
	Files        []string `json:"files,omitempty"`        // ids
	Cases        []string `json:"cases,omitempty"`        // numbers
	Taken        []string `json:"taken,omitempty"`        // fields of the worker that hold the value of who came over now
	Superseded   []string `json:"superseded,omitempty"`   // fields of who came over that differed, and are gone
}
