package sheets_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain carries T30: no goroutine outlives the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
