// Package locale finds the texts that people read, by key and language, and says values (a sum, a day, a trade) in
// that language. It guarantees that a text is complete or an error: a missing key or a missing variable never shows as
// a hole. Whether every language has every key is told by Problems, which `yilu check` and the tests ask.
//
// A text is one entry of a file locales/<language>/<name>.toml, "<name>.<rest of key>" = "…"; `{{.X}}` is a field of
// the data, `{{say .X}}` says a value.
package locale

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"yilu/bot"
)

// Names tells what trades and places are called; the lexicon knows.
type Names struct {
	Trade    func(id bot.TradeID, lang string) string
	District func(d bot.District, lang string) string
}

// Texts holds all texts of all languages. It is immutable and safe for concurrent use.
type Texts struct {
	langs  []string
	byLang map[string]*texts
	names  Names
	say    func(lang string, v any) (string, error) // Say
}

type texts struct {
	bundle    *i18n.Bundle
	localizer *i18n.Localizer
	parser    template.Parser
	source    map[string]string // text before templating, by key
	ready     map[string]*ready // the same, read
}

// cached lets go-i18n keep parsed templates although they use functions: the functions of a language never change.
type cached struct{ template.TextParser }

func (*cached) Cacheable() bool { return true }

// Load reads every <language>/*.toml of fsys; def names the language that comes first and is the fallback for people
// whose language is not there. An Error of code Invalid names the file and the key at fault.
func Load(fsys fs.FS, def string, names Names) (*Texts, error) {
	t := &Texts{byLang: map[string]*texts{}, names: names}
	t.say = t.Say
	files, err := fs.Glob(fsys, "*/*.toml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		lang := path.Dir(file)
		if _, err := language.Parse(lang); err != nil || lang == "lexicon" || lang == "samples" {
			continue
		}
		if err := t.load(fsys, lang, file); err != nil {
			return nil, err
		}
	}
	if t.byLang[def] == nil {
		return nil, &bot.Error{Code: bot.Invalid, Op: "load texts", Field: def, Say: "the default language has no folder in locales"}
	}
	t.langs = slices.Sorted(maps.Keys(t.byLang))
	slices.SortStableFunc(t.langs, func(a, b string) int {
		switch def {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	return t, nil
}

func (t *Texts) load(fsys fs.FS, lang, file string) error {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	entries := map[string]string{}
	if err := toml.Unmarshal(raw, &entries); err != nil {
		return &bot.Error{Code: bot.Invalid, Op: "load texts", Field: file, Say: "each line is \"key\" = \"text\"", Err: err}
	}
	l := t.byLang[lang]
	tag := language.Make(lang)
	if l == nil {
		l = &texts{bundle: i18n.NewBundle(tag), source: map[string]string{}, ready: map[string]*ready{}}
		l.localizer = i18n.NewLocalizer(l.bundle, lang)
		l.parser = &cached{template.TextParser{Funcs: t.funcs(lang)}}
		t.byLang[lang] = l
	}
	name := strings.TrimSuffix(path.Base(file), ".toml")
	for key, text := range entries {
		if !strings.HasPrefix(key, name+".") {
			return &bot.Error{Code: bot.Invalid, Op: "load texts", Field: file + " " + key, Say: "a key begins with the name of its file: " + name + "."}
		}
		l.source[key], l.ready[key] = text, makeReady(text)
		if err := l.bundle.AddMessages(tag, &i18n.Message{ID: key, Other: text}); err != nil {
			return &bot.Error{Code: bot.Invalid, Op: "load texts", Field: file + " " + key, Err: err}
		}
	}
	return nil
}

// Langs lists the languages, the default first.
func (t *Texts) Langs() []string { return t.langs }

// Lang returns the language to use for somebody of whom the hint is known ("zh-Hans-CN", "en-GB,en;q=0.9", ""): the
// first language of the hint that is there, else the default.
func (t *Texts) Lang(hint string) string {
	if t.byLang[hint] != nil {
		return hint
	}
	tags, _, err := language.ParseAcceptLanguage(hint)
	if err == nil {
		for _, tag := range tags {
			base, _ := tag.Base()
			for _, lang := range t.langs {
				if b, _ := language.Make(lang).Base(); b == base {
					return lang
				}
			}
		}
	}
	return t.langs[0]
}

// Has reports whether the language has the key.
func (t *Texts) Has(lang, key string) bool {
	l := t.byLang[lang]
	if l == nil {
		return false
	}
	_, ok := l.source[key]
	return ok
}

// Keys lists the keys of a language that begin with the prefix, sorted.
func (t *Texts) Keys(lang, prefix string) []string {
	var keys []string
	for key := range t.byLang[lang].source {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Source returns a text as it stands in its file, with its variables unfilled; "" if it is not there.
func (t *Texts) Source(lang, key string) string {
	if l := t.byLang[lang]; l != nil {
		return l.source[key]
	}
	return ""
}

// Text returns the text under key with the fields of data filled in. A missing key, or a variable that data does not
// have, is an Error of code Internal that names them.
func (t *Texts) Text(lang, key string, data any) (string, error) {
	l := t.byLang[lang]
	if l == nil {
		l = t.byLang[t.langs[0]]
	}
	if r := l.ready[key]; r != nil {
		if r.plain {
			return r.text, nil
		}
		if r.parts != nil {
			var room [512]byte
			if text, ok := t.fill(room[:0], lang, r.parts, reflect.ValueOf(data)); ok {
				return string(text), nil
			}
		}
	}
	// The key is copied for the error, so that one that is put together for the call needs no memory.
	return l.localize(lang, strings.Clone(key), data)
}

// localize leaves the whole of it to go-i18n.
func (l *texts) localize(lang, key string, data any) (string, error) {
	text, err := l.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, TemplateParser: l.parser})
	if err != nil {
		return "", &bot.Error{Code: bot.Internal, Op: "text", Field: lang + " " + key, Err: errors.New(shorten(err))}
	}
	return text, nil
}

// shorten keeps what a template error says of names, and not the data that it may quote.
func shorten(err error) string {
	s := err.Error()
	if i := strings.Index(s, "can't evaluate field"); i >= 0 {
		return s[i:]
	}
	if i := strings.Index(s, "not found"); i >= 0 {
		return "no such text"
	}
	return fmt.Sprintf("%T", err)
}
