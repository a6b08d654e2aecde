package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// asset is one embedded file under the name of its content.
type asset struct {
	name string // app.1f2e3d4c5b6a.css
	tag  string // its ETag
	kind string
	body []byte
}

// assets by the name of the file: "app.css".
var assets = map[string]asset{
	"app.css":  load("app.css", "text/css; charset=utf-8"),
	"app.js":   load("app.js", "text/javascript; charset=utf-8"),
	"sign.svg": load("sign.svg", "image/svg+xml"),
}

func load(file, kind string) asset {
	body, err := static.ReadFile("static/" + file)
	if err != nil {
		panic(err) // the file is missing from the source
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(file)
	return asset{
		name: strings.TrimSuffix(file, ext) + "." + hash + ext,
		tag:  `"` + hash + `"`,
		kind: kind,
		body: body,
	}
}

// getAsset serves a file under its present name for a year. Under a former name it serves the present content without
// a cache: while an update is under way, a page of one version may ask a server of the other.
func (s *site) getAsset(w http.ResponseWriter, r *http.Request) {
	asked := r.PathValue("name")
	base, rest, _ := strings.Cut(asked, ".")
	_, ext, hashed := strings.Cut(rest, ".")
	a, ok := assets[base+"."+ext]
	if !ok || !hashed {
		w.Header().Del("Cache-Control")
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if asked == a.name {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", a.tag)
	h.Set("Content-Type", a.kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.body))
}
