package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/casefile"
	"yilu/bot/evidence"
	"yilu/bot/sheets"
)

type importCommand struct {
	What     string `arg:"" enum:"stations,posts,answers,workers,applications" help:"stations, posts, answers (to questions about insurance), workers or applications."`
	File     string `arg:"" help:"File to read; - for standard input." default:"-"`
	Format   string `help:"csv, xlsx or json; by the file's name if not given." default:""`
	KeepGood bool   `help:"Keep the rows that are right even where others are wrong; otherwise nothing is kept then."`
	Lang     string `help:"Language of the faults." default:"zh-CN"`
}

// Run names every bad row by line, column and reason.
func (c *importCommand) Run(s *streams) error {
	desk, err := s.desk(c.File, c.Format, sheets.Options{Lang: c.Lang})
	if err != nil {
		return err
	}
	defer desk.Close()
	in := io.Reader(s.in)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return &bot.Error{Code: bot.NotFound, Op: "import", Field: c.File, Say: "the file cannot be opened", Err: err}
		}
		defer f.Close()
		in = f
	}
	switch c.What {
	case "stations":
		return take(s, c, in, desk.format, sheets.Stations(desk.words, desk.opts), desk.Records.PutStations)
	case "posts":
		return take(s, c, in, desk.format, sheets.Posts(desk.words, desk.opts), desk.Records.PutPosts)
	case "answers":
		return take(s, c, in, desk.format, sheets.Answers(desk.words, desk.opts), desk.Records.PutAnswers)
	case "workers":
		return take(s, c, in, desk.format, sheets.Workers(desk.words, desk.opts), desk.Records.PutWorkers)
	}
	return take(s, c, in, desk.format, sheets.Applications(desk.words, desk.opts), desk.Records.PutApplications)
}

// desk is the data opened for moving rows in and out of a file.
type desk struct {
	*app.App
	format sheets.Format
	words  sheets.Words
	opts   sheets.Options
}

// desk opens the data, once it is clear what kind of file it is about: the format that was named, or that of the file's
// name, or csv for the standard streams.
func (s *streams) desk(file, format string, opts sheets.Options) (*desk, error) {
	name := file
	switch {
	case format != "":
		name = format
	case file == "-":
		name = string(sheets.CSV)
	}
	f, err := sheets.FormatOf(name)
	if err != nil {
		return nil, err
	}
	a, err := s.open()
	if err != nil {
		return nil, err
	}
	opts.Now = time.Now()
	return &desk{a, f, app.SheetWords(a.Texts, a.Lexicon), opts}, nil
}

func take[T any](s *streams, c *importCommand, in io.Reader, f sheets.Format, sheet sheets.Sheet[T], put func(context.Context, []T) error) error {
	good, faults, err := sheets.Read(in, f, sheet)
	if err != nil {
		return err
	}
	for _, fault := range faults {
		fmt.Fprintln(s.errs, fault)
	}
	if len(faults) > 0 && !c.KeepGood {
		return bot.Errorf(bot.Invalid, "import "+c.What, "%d faults, nothing was kept; mend them, or use --keep-good to keep the %d rows that are right", len(faults), len(good))
	}
	if err := put(s.ctx, good); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d kept, %d faults\n", c.What, len(good), len(faults))
	return nil
}

type exportCommand struct {
	What   string `arg:"" enum:"stations,posts,answers,workers,applications,requests,cases,case,files,links,unclear" help:"stations, posts, answers, workers, applications, requests, cases (disputes), case (one, as the application that its worker signs: yilu export case NUMBER FILE), files (what workers sent, and where it is), links (channels that became one worker, or parted) or unclear (what was not understood, and how often)."`
	File   string `arg:"" optional:"" help:"File to write, of a case its number; standard output if none is named." default:"-"`
	To     string `arg:"" optional:"" help:"Of a case: file to write; standard output if none is named." default:"-"`
	Format string `help:"csv, xlsx or json, of a case html or docx; by the file's name, or csv and html, if not given." default:""`
	Masked bool   `help:"Mask names, phones and channel ids."`
	Lang   string `help:"Language of the headings." default:"zh-CN"`
}

func (c *exportCommand) Run(s *streams) (err error) {
	if c.What == "case" {
		return c.oneCase(s)
	}
	if c.To != "-" {
		return &bot.Error{Code: bot.Invalid, Op: "export", Field: c.To, Say: "is one word too many: name one file"}
	}
	desk, err := s.desk(c.File, c.Format, sheets.Options{Lang: c.Lang, Masked: c.Masked})
	if err != nil {
		return err
	}
	defer desk.Close()
	out, finish, err := s.target(c.File)
	if err != nil {
		return err
	}
	defer func() { err = finish(err) }()
	w := bufio.NewWriter(out)
	switch c.What {
	case "stations":
		err = sheets.Write(w, desk.format, sheets.Stations(desk.words, desk.opts), rows(s.ctx, desk.Records.EachStation))
	case "posts":
		err = sheets.Write(w, desk.format, sheets.Posts(desk.words, desk.opts), rows(s.ctx, desk.Records.EachPost))
	case "answers":
		err = sheets.Write(w, desk.format, sheets.Answers(desk.words, desk.opts), rows(s.ctx, desk.Records.EachAnswer))
	case "workers":
		err = sheets.Write(w, desk.format, sheets.Workers(desk.words, desk.opts), rows(s.ctx, desk.Records.EachWorker))
	case "applications":
		err = sheets.Write(w, desk.format, sheets.Applications(desk.words, desk.opts), rows(s.ctx, desk.Records.EachApplication))
	case "requests":
		err = sheets.Write(w, desk.format, sheets.Requests(desk.words, desk.opts), rows(s.ctx, desk.Records.EachRequest))
	case "cases":
		err = sheets.Write(w, desk.format, sheets.Cases(desk.words, desk.opts), rows(s.ctx, desk.Records.EachCase))
	case "files":
		var store *evidence.Folder
		if store, err = evidence.OpenFolder(filepath.Join(*s.data, evidence.Beside)); err != nil {
			return err
		}
		err = sheets.Write(w, desk.format, sheets.Files(desk.words, desk.opts), located(rows(s.ctx, desk.Records.EachFile), store))
	case "unclear":
		err = sheets.Write(w, desk.format, sheets.Unclear(desk.words, desk.opts), rows(s.ctx, desk.Records.EachUnclear))
	case "links":
		err = sheets.Write(w, desk.format, sheets.Links(desk.words, desk.opts), rows(s.ctx, desk.Records.EachLink))
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// oneCase writes the application of a dispute. It is for whoever signs it, so that it is not masked.
func (c *exportCommand) oneCase(s *streams) (err error) {
	if c.File == "-" {
		return &bot.Error{Code: bot.Invalid, Op: "export case", Field: "number", Say: "is missing: yilu export case NUMBER FILE"}
	}
	format := cmp.Or(c.Format, strings.TrimPrefix(filepath.Ext(c.To), "."), "html")
	if format != "html" && format != "docx" {
		return &bot.Error{Code: bot.Invalid, Op: "export case", Field: "--format", Say: fmt.Sprintf("%q is neither html nor docx", format)}
	}
	a, err := s.open()
	if err != nil {
		return err
	}
	defer a.Close()
	k, err := a.Case(s.ctx, c.File)
	if err != nil {
		return err
	}
	out, finish, err := s.target(c.To)
	if err != nil {
		return err
	}
	defer func() { err = finish(err) }()
	form := casefile.NewForm(a.Texts, c.Lang, k, time.Now())
	if format == "docx" {
		return form.Docx(out)
	}
	return form.HTML(out)
}

// target is where an export goes. A file takes the place of the one before only when it is whole, and only its owner can
// read it: it holds personal data. What is no plain file (a pipe, a device) is written to as it is.
func (s *streams) target(name string) (*os.File, func(error) error, error) {
	if name == "-" {
		return s.out, func(err error) error { return err }, nil
	}
	fault := func(err error) error {
		return &bot.Error{Code: bot.Invalid, Op: "export", Field: name, Say: "the file cannot be written", Err: err}
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		out, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, nil, fault(err)
		}
		return out, func(err error) error { return errors.Join(err, out.Close()) }, nil
	}
	out, err := os.CreateTemp(filepath.Dir(name), ".yilu-export-*")
	if err != nil {
		return nil, nil, fault(err)
	}
	return out, func(err error) error {
		err = errors.Join(err, out.Sync(), out.Close())
		if err == nil {
			err = os.Rename(out.Name(), name)
		}
		if err != nil {
			return errors.Join(err, os.Remove(out.Name()))
		}
		return nil
	}, nil
}

// errStopped ends a walk through the records because whoever reads it has had enough.
var errStopped = errors.New("stopped")

// rows turns a walk through the records into a sequence.
func rows[T any](ctx context.Context, each func(context.Context, func(T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := each(ctx, func(v T) error {
			if !yield(v, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			var zero T
			yield(zero, err)
		}
	}
}

// located says of each file where it is.
func located(files iter.Seq2[bot.KeptFile, error], store *evidence.Folder) iter.Seq2[sheets.File, error] {
	return func(yield func(sheets.File, error) bool) {
		for kept, err := range files {
			row := sheets.File{KeptFile: kept}
			if err == nil && kept.State == bot.FileKept {
				row.Path, err = store.Path(kept.ID)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// open opens the data for a command that does not serve. What a crash left in the ledger is applied first, so that an
// export holds it.
func (s *streams) open() (*app.App, error) {
	a, err := app.Open(s.ctx, app.Config{Data: *s.data, Settings: s.stores.settings(nil), Now: time.Now, Log: logger(s.errs, slog.LevelWarn)})
	if err != nil {
		return nil, err
	}
	for {
		n, err := a.Sweep(s.ctx, time.Now())
		if err != nil {
			_ = a.Close()
			return nil, err
		}
		if n == 0 {
			return a, nil
		}
	}
}
