package bot

import "time"

// Unclear is something that two people or more said and nobody understood, and how often.
type Unclear struct {
	Text        string // what tells who said it is masked
	Where       string // dialogue and state
	Times       int
	First, Last time.Time // days, in UTC
}
