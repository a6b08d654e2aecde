package sheets

import (
	"io/fs"
	"strings"
	"time"

	"yilu/bot"
)

// Samples reads the stations and posts that a first start shows, from samples/stations.json and samples/posts.json of
// the locales. Their times count from now. Each is marked as a sample in its record and in its name, or it is an Error
// of code Internal: invented work must never look like real work.
func Samples(fsys fs.FS, w Words, now time.Time) ([]bot.Station, []bot.Post, error) {
	o := Options{Now: now, Relative: true}
	stations, err := sample(fsys, "samples/stations.json", Stations(w, o))
	if err != nil {
		return nil, nil, err
	}
	posts, err := sample(fsys, "samples/posts.json", Posts(w, o))
	if err != nil {
		return nil, nil, err
	}
	marks := newLexis(w).said("sheets.sample.mark")
	for _, s := range stations {
		if !s.Sample || !marked(s.Name, marks) {
			return nil, nil, unmarked("samples/stations.json", s.ID)
		}
	}
	for _, p := range posts {
		if !p.Sample || !marked(p.Title, marks) {
			return nil, nil, unmarked("samples/posts.json", string(p.ID))
		}
	}
	return stations, posts, nil
}

// SampleAnswers are the answers about insurance that a first start shows, as Samples. They show how it looks, and say
// nothing about any product.
func SampleAnswers(fsys fs.FS, w Words, now time.Time) ([]bot.Approved, error) {
	answers, err := sample(fsys, "samples/answers.json", Answers(w, Options{Now: now, Relative: true}))
	if err != nil {
		return nil, err
	}
	marks := newLexis(w).said("sheets.sample.mark")
	for _, a := range answers {
		if !a.Sample || !marked(a.Short, marks) {
			return nil, unmarked("samples/answers.json", a.ID)
		}
	}
	return answers, nil
}

func sample[T any](fsys fs.FS, name string, s Sheet[T]) ([]T, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, &bot.Error{Code: bot.Internal, Op: "read samples", Field: name, Err: err}
	}
	defer func() { _ = f.Close() }()
	rows, faults, err := Read(f, JSON, s)
	if err == nil && len(faults) > 0 {
		err = &bot.Error{Code: bot.Internal, Op: "read samples", Field: name, Say: faults[0].String()}
	}
	return rows, err
}

func marked(name string, marks []string) bool {
	for _, mark := range marks {
		if strings.HasPrefix(name, mark) {
			return true
		}
	}
	return false
}

func unmarked(file, id string) error {
	return &bot.Error{Code: bot.Internal, Op: "read samples", Field: file + " " + id, Say: "is not marked as a sample: set sample to true and begin its name with the mark"}
}
