package evidence

import "os"

// FailSync makes every file that is written fail at the disk.
func (f *Folder) FailSync(err error) { f.sync = func(*os.File) error { return err } }
