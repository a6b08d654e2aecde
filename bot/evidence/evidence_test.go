package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"yilu/bot"
	"yilu/bot/evidence"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openFolder(t testing.TB) (*evidence.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "evidence")
	f, err := evidence.OpenFolder(dir)
	must(t, err)
	return f, dir
}

// held lists the files below a folder.
func held(t testing.TB, dir string) []string {
	t.Helper()
	var list []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	}))
	return list
}

func read(t testing.TB, f *evidence.Folder, id string) string {
	t.Helper()
	file, err := f.Open(id)
	must(t, err)
	defer file.Close()
	all, err := io.ReadAll(file)
	must(t, err)
	return string(all)
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestFolder(t *testing.T) {
	t.Parallel()
	f, dir := openFolder(t)
	for _, text := range []string{"first", "the second time something else", ""} {
		sum, n, err := f.Put(t.Context(), "file-0a1b-3", iotest.OneByteReader(strings.NewReader(text)), 100)
		if err != nil || sum != sumOf(text) || n != int64(len(text)) {
			t.Fatalf("put: got %s, %d, %v", sum, n, err)
		}
		if got := read(t, f, "file-0a1b-3"); got != text {
			t.Fatalf("got %q, want %q", got, text)
		}
	}
	path, err := f.Path("file-0a1b-3")
	must(t, err)
	if list := held(t, dir); len(list) != 1 || list[0] != path || strings.Count(strings.TrimPrefix(path, dir), string(filepath.Separator)) != 3 {
		t.Errorf("the folder holds %v, want %s two levels down", list, path)
	}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read %s: %v", path, info.Mode())
		}
		return err
	}))

	again, err := evidence.OpenFolder(dir)
	must(t, err)
	for range 2 {
		must(t, again.Remove("file-0a1b-3"))
	}
	if _, err := f.Open("file-0a1b-3"); bot.CodeOf(err) != bot.NotFound {
		t.Errorf("after removing: got %v, want code %s", err, bot.NotFound)
	}
}

// An id never leads anywhere but into the folder.
func TestIDs(t *testing.T) {
	t.Parallel()
	f, dir := openFolder(t)
	for _, id := range []string{"", ".", "..", "../x", "a/b", `a\b`, "/etc/x", ".hidden", "a\x00b", "A", "\u4e2d", "a b", "c:x", strings.Repeat("x", 129)} {
		_, _, put := f.Put(t.Context(), id, strings.NewReader("x"), 9)
		_, open := f.Open(id)
		for what, err := range map[string]error{"put": put, "open": open, "remove": f.Remove(id)} {
			if bot.CodeOf(err) != bot.Invalid {
				t.Errorf("%s %q: got %v, want code %s", what, id, err, bot.Invalid)
			}
		}
	}
	for _, id := range []string{"a", "0", "-", "a..b", strings.Repeat("x", 128)} {
		path, err := f.Path(id)
		if rel, bad := filepath.Rel(dir, path); err != nil || bad != nil || strings.HasPrefix(rel, "..") || filepath.Base(path) != id {
			t.Errorf("%q: got %s, %v", id, path, err)
		}
	}
}

// A Put that fails says why and leaves nothing behind, and what was there before stays.
func TestPutFails(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	full := &fs.PathError{Op: "sync", Path: "x", Err: syscall.ENOSPC}
	for _, c := range []struct {
		name string
		ctx  context.Context
		in   func() io.Reader
		full bool
		code bot.Code
	}{
		{"too large", t.Context(), texts("12345678901"), false, bot.Invalid},
		{"endless", t.Context(), func() io.Reader { return endless{} }, false, bot.Invalid},
		{"breaks off", t.Context(), fails("12345", errors.New("https://example.test/secret")), false, bot.Unavailable},
		{"ends early", t.Context(), fails("12345", io.ErrUnexpectedEOF), false, bot.Unavailable},
		{"says why", t.Context(), fails("12345", bot.Errorf(bot.NotFound, "x", "gone")), false, bot.NotFound},
		{"context", ended, texts("12345"), false, bot.Unavailable},
		{"disk full", t.Context(), texts("12345"), true, bot.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, dir := openFolder(t)
			_, _, err := f.Put(t.Context(), "a", strings.NewReader("0123456789"), 10)
			must(t, err)
			if c.full {
				f.FailSync(full)
			}
			for _, id := range []string{"a", "b"} {
				_, _, err := f.Put(c.ctx, id, c.in(), 10)
				if bot.CodeOf(err) != c.code || strings.Contains(err.Error(), "secret") {
					t.Errorf("got %v, want code %s and no secret", err, c.code)
				}
			}
			if list := held(t, dir); len(list) != 1 || read(t, f, "a") != "0123456789" {
				t.Errorf("the folder holds %v, want what was there and nothing else", list)
			}
		})
	}
}

func texts(text string) func() io.Reader {
	return func() io.Reader { return strings.NewReader(text) }
}

func fails(text string, err error) func() io.Reader {
	return func() io.Reader { return io.MultiReader(strings.NewReader(text), iotest.ErrReader(err)) }
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	f, dir := openFolder(t)
	must(t, os.Remove(filepath.Join(dir, "coming")))
	if _, _, err := f.Put(t.Context(), "a", strings.NewReader("x"), 9); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("got %v, want code %s", err, bot.Unavailable)
	}
	plain := filepath.Join(dir, "plain")
	must(t, os.WriteFile(plain, nil, 0o600))
	if _, err := evidence.OpenFolder(filepath.Join(plain, "x")); bot.CodeOf(err) != bot.Unavailable {
		t.Errorf("below a file: got %v, want code %s", err, bot.Unavailable)
	}
	if _, err := evidence.OpenFolder(""); bot.CodeOf(err) != bot.Invalid {
		t.Errorf("no folder: got %v, want code %s", err, bot.Invalid)
	}
}

// What a crash left half written goes when it is old, and never before: another process may be writing it.
func TestOpenSweeps(t *testing.T) {
	t.Parallel()
	_, dir := openFolder(t)
	young, old := filepath.Join(dir, "coming", "new-1"), filepath.Join(dir, "coming", "new-2")
	for name, age := range map[string]time.Duration{young: 23 * time.Hour, old: 25 * time.Hour} {
		must(t, os.WriteFile(name, []byte("x"), 0o600))
		info, err := os.Stat(name)
		must(t, err)
		must(t, os.Chtimes(name, time.Time{}, info.ModTime().Add(-age)))
	}
	must(t, os.Chmod(dir, 0o755))
	_, err := evidence.OpenFolder(dir)
	must(t, err)
	if left := held(t, dir); len(left) != 1 || left[0] != young {
		t.Errorf("left: %v, want the young one", left)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v, want it closed to others", info.Mode(), err)
	}
}

// Whoever reads sees a whole file, while it is put again and again.
func TestPutAtOnce(t *testing.T) {
	t.Parallel()
	f, dir := openFolder(t)
	other, err := evidence.OpenFolder(dir)
	must(t, err)
	put := func(f *evidence.Folder, c byte) {
		if _, _, err := f.Put(t.Context(), "a", bytes.NewReader(bytes.Repeat([]byte{c}, 100_000)), 1<<20); err != nil {
			t.Error(err)
		}
	}
	put(f, '0')
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 10 {
				put([]*evidence.Folder{f, other}[i%2], byte('0'+i))
				if got := read(t, f, "a"); len(got) != 100_000 || strings.Count(got, got[:1]) != len(got) {
					t.Error("a file was seen half written")
				}
			}
		})
	}
	wg.Wait()
	if list := held(t, dir); len(list) != 1 {
		t.Errorf("the folder holds %v", list)
	}
}

func TestTypeOf(t *testing.T) {
	t.Parallel()
	zip := "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00\x21\x00"
	for head, want := range map[string]string{
		"":                                     evidence.Unknown,
		"hello":                                evidence.Unknown,
		"<html><script>":                       evidence.Unknown,
		"<?xml version=\"1.0\"?><svg>":         evidence.Unknown,
		"MZ\x90\x00":                           evidence.Unknown,
		zip + "x.txt":                          evidence.Unknown,
		zip + "[Content_Types].xml word/a.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		zip + "_rels/.rels xl/a.xml":           "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":     "application/x-ole-storage",
		"%PDF-1.7":                             "application/pdf",
		"#!AMR\n\x3c":                          "audio/amr",
		"#!AMR-WB\n":                           "audio/amr-wb",
		"\x02#!SILK_V3":                        "audio/silk",
		"OggS\x00\x02":                         "audio/ogg",
		"ID3\x03":                              "audio/mpeg",
		"\xff\xfb\x90\x00":                     "audio/mpeg",
		"RIFF\x00\x00\x00\x00WAVEfmt ":         "audio/wave",
		"\xff\xd8\xff\xe0":                     "image/jpeg",
		"\x89PNG\r\n\x1a\n":                    "image/png",
		"RIFF\x00\x00\x00\x00WEBPVP8 ":         "image/webp",
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic": "image/heic",
		"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2": "video/mp4",
		"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom": "video/mp4",
		"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A isom": "audio/mp4",
	} {
		if got := evidence.TypeOf([]byte(head)); got != want {
			t.Errorf("%q: got %s, want %s", head, got, want)
		}
	}
}
