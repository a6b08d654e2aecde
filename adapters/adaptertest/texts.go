package adaptertest

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/BurntSushi/toml"
)

// Texts reads the channel's file of every language under dir, and fails unless all have the same keys, each with a
// text, and each key begins with the channel's name.
func Texts(t testing.TB, dir, channel string, langs ...string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, lang := range langs {
		raw, err := os.ReadFile(filepath.Join(dir, lang, channel+".toml"))
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := toml.Unmarshal(raw, &texts); err != nil {
			t.Fatalf("%s/%s.toml: %v", lang, channel, err)
		}
		all[lang] = texts
	}
	for _, lang := range langs {
		for key, text := range all[lang] {
			if !strings.HasPrefix(key, channel+".") || strings.TrimSpace(text) == "" {
				t.Errorf("%s: key %q is empty or does not begin with %q", lang, key, channel+".")
			}
			for _, other := range langs {
				if _, ok := all[other][key]; !ok {
					t.Errorf("key %q is in %s and not in %s", key, lang, other)
				}
			}
		}
	}
	return all
}

// Awkward are texts that people send by mistake, in their own scripts, or to see what breaks. Every one of them says
// something after cleaning.
var Awkward = map[string]string{
	"emoji":            "👷‍♂️ 我要找活 🏗️👍🏽",
	"emoji only":       "👍",
	"zero width":       "找\u200b活\u200d",
	"right to left":    "ئىش ئىزدەۋاتىمەن",
	"turned":           "\u202eevil\u202c 找活",
	"full width":       "138059212345",
	"html":             `<script>alert(1)</script><img src=x onerror=alert(1)>"'&amp;`,
	"closing tags":     `</p></div></template></textarea></script><!--]]>`,
	"sql":              `Robert'); DROP TABLE workers;--`,
	"formula":          `=HYPERLINK("http://invalid.example","x")`,
	"template":         `{{.}} {{printf "%s"}} ${7*7} %s%d%n`,
	"json":             `{"id":"x","texts":["\u0000"]}`,
	"url":              `https://invalid.example/?a=1&b=%00#x`,
	"lines":            "第一行\n第二行\r\n第三行",
	"controls":         "找\x00活\x1b[2J\x07",
	"invalid utf-8":    "找活\xff\xfe\xc3\x28",
	"combining":        "a" + strings.Repeat("\u0301", 300),
	"lone replacement": "\ufffd",
	"long":             strings.Repeat("我要找活", 400),
	"backslashes":      `\\u4f60\n\"\`,
	"command":          "/start@bot 'x'",
}

// Lines is a log in memory, safe for several writers.
type Lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps b.
func (l *Lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// String returns all of it.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// LocalOnly is a transport for a channel's own requests in tests: it refuses every host but this one, so that no test
// ever talks to a real platform.
type LocalOnly struct{ T testing.TB }

// RoundTrip sends r if it stays on this machine.
func (l LocalOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if host := r.URL.Hostname(); host != "127.0.0.1" && host != "::1" && host != "localhost" {
		l.T.Errorf("a request would have left this machine for %s", host)
		return nil, http.ErrNotSupported
	}
	return http.DefaultTransport.RoundTrip(r)
}
