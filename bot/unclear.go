package bot

import "time"

// Unclear is something that was not understood, and how often.
type Unclear struct {
	Text        string // what tells who said it is masked
	Where       string // dialogue and state
	Times       int
	First, Last time.Time
}
