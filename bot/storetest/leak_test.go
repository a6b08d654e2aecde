package storetest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain carries T30: no goroutine outlives the tests but the one that waits for the server that they share.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("yilu/bot/storetest.run"))
}
