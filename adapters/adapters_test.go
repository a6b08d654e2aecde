package adapters_test

import (
	"net/http"
	"testing"

	"yilu/adapters"
	"yilu/adapters/adaptertest"
	"yilu/bot"
)

func TestAllMountTogether(t *testing.T) {
	t.Parallel()
	host := adaptertest.NewHost(t, nil, "zh-CN", "en")
	mux := http.NewServeMux()
	seen := map[string]bool{}
	for _, a := range adapters.All() {
		if seen[a.Name()] {
			t.Errorf("two channels are called %q", a.Name())
		}
		seen[a.Name()] = true
		mount, err := a.Mount(host)
		if bot.CodeOf(err) == bot.Off {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", a.Name(), err)
		}
		for pattern, handler := range mount.Routes {
			mux.Handle(pattern, handler) // panics where two channels want the same
		}
	}
	if !seen["web"] {
		t.Error("the web chat is missing")
	}
}
