package bot

import "time"

// KeptFile is what the records hold of a file that a worker sent.
type KeptFile struct {
	ID     string
	From   Identity
	File   File
	Number string // of the request that it belongs to, "" if none
	Where  string
	State  FileState
	Why    string // for Lost: the reason, for staff
	Sum    string // SHA-256 of what is kept, in hex
	Bytes  int64  // how much is kept
	Tries  int
	At     time.Time
}

// FileState says where a file is.
type FileState string

// The states of a file.
const (
	FileWaits FileState = "waits" // to be fetched from the platform
	FileKept  FileState = "kept"
	FileLost  FileState = "lost" // cannot be had any more, see Why
)
