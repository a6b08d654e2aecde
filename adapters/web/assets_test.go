package web_test

import (
	"math"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"yilu/adapters/adaptertest"
)

var assetLink = regexp.MustCompile(`/assets/[a-z]+\.[0-9a-f]{12}\.[a-z]+`)

func TestAssets(t *testing.T) {
	t.Parallel()
	_, h := channel(t).Mount(t)
	b := open(t, h)
	links := assetLink.FindAllString(b.body, -1)
	if len(links) < 3 {
		t.Fatalf("links %v", links)
	}
	for _, link := range links {
		w := adaptertest.Do(t, h, httptest.NewRequest("GET", link, nil))
		tag := w.Header().Get("ETag")
		if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || tag == "" || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", link, w.Code, w.Header())
		}
		if again := adaptertest.Do(t, h, header(httptest.NewRequest("GET", link, nil), "If-None-Match", tag)); again.Code != 304 {
			t.Errorf("%s with its ETag: %d", link, again.Code)
		}
		former := strings.Replace(link, ".", ".0", 1)
		if w := adaptertest.Do(t, h, httptest.NewRequest("GET", former, nil)); w.Code != 200 || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s, of another version: %d %v", former, w.Code, w.Header())
		}
	}
}

// TestWeight keeps the page light enough for a slow phone: all of it, not compressed.
func TestWeight(t *testing.T) {
	t.Parallel()
	_, h := channel(t).Mount(t)
	b := open(t, h)
	total := len(b.body)
	seen := map[string]bool{}
	for _, link := range assetLink.FindAllString(b.body, -1) {
		if !seen[link] {
			seen[link] = true
			total += adaptertest.Do(t, h, httptest.NewRequest("GET", link, nil)).Body.Len()
		}
	}
	t.Logf("page %d bytes, with style, script and sign %d", len(b.body), total)
	if total > 20_000 {
		t.Errorf("%d bytes, want at most 20,000", total)
	}
}

// TestNothingFromElsewhere: the page names no other host, apart from what SVG calls itself.
func TestNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"page.html", "app.css", "app.js", "sign.svg"} {
		raw, err := os.ReadFile("static/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if body := strings.ReplaceAll(string(raw), "http://www.w3.org/2000/svg", ""); strings.Contains(body, "//") && regexp.MustCompile(`https?://|url\(|@import`).MatchString(body) {
			t.Errorf("%s loads something from elsewhere", file)
		}
	}
}

// TestContrast reads the colours out of the style sheet and holds them to WCAG 2.2: 4.5 for text (1.4.3), 3 for the
// edges of controls and for the focus (1.4.11).
func TestContrast(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("static/app.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(raw), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "}\n}")
	pairs := []struct {
		front, back string
		least       float64
	}{
		{"ink", "paper", 4.5}, {"ink", "card", 4.5}, {"soft", "paper", 4.5}, {"soft", "card", 4.5},
		{"brand", "paper", 4.5}, {"brand", "card", 4.5}, {"on-brand", "brand", 4.5}, {"on-mine", "mine", 4.5},
		{"on-warn", "warn", 4.5}, {"paper", "soft", 4.5},
		{"edge", "paper", 3}, {"edge", "card", 3}, {"focus", "paper", 3}, {"focus", "card", 3}, {"focus", "warn", 3},
		{"brand", "paper", 3},
	}
	for scheme, css := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
			colors[m[1]] = m[2]
		}
		for _, p := range pairs {
			got := contrast(luminance(t, colors[p.front]), luminance(t, colors[p.back]))
			if got < p.least {
				t.Errorf("%s: %s on %s is %.2f, want %.1f", scheme, p.front, p.back, got, p.least)
			}
			t.Logf("%s: %s on %s %.2f", scheme, p.front, p.back, got)
		}
	}
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// luminance is the relative luminance of sRGB as WCAG 2.2 defines it.
func luminance(t *testing.T, hex string) float64 {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("colour %q", hex)
	}
	channel := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}
