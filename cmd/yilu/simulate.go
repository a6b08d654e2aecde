package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/sheets"
	"yilu/bot/talk"
	"yilu/cmd/yilu/simulate"
)

type simulateCommand struct {
	Files   []string `arg:"" help:"Transcripts: \"> words\" or \"> [choice]\" is said, \"< words\" is answered; ! at, wait, lang and post set things up."`
	Channel string   `required:"" enum:"telegram,wechat,web,terminal" help:"telegram, wechat, web or terminal."`
	Mode    string   `enum:"plain,compatible,safe," default:"" help:"Of wechat: plain, compatible or safe (this is the default)."`
	Posts   string   `help:"Posts to offer: a file as for import, or the JSON that the dialogues' own transcripts use. The samples if not given."`
	Check   bool     `help:"Fail where the bot says something else than the transcript."`
}

// Run plays every transcript on data of its own, which are gone afterwards, and prints what a person would see. The
// clock is that of the transcripts. Nothing leaves the machine.
func (c *simulateCommand) Run(s *streams) error {
	for i, file := range c.Files {
		if len(c.Files) > 1 {
			fmt.Fprintf(s.out, "%s== %s\n", strings.Repeat("\n", min(i, 1)), file)
		}
		if err := c.play(s, file); err != nil {
			return &bot.Error{Code: bot.CodeOf(err), Op: "simulate", Field: file, Err: err}
		}
	}
	return nil
}

func (c *simulateCommand) play(s *streams, file string) (err error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return &bot.Error{Code: bot.NotFound, Say: "the file cannot be read"}
	}
	folder, err := os.MkdirTemp("", "yilu-simulate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	clock := simulate.NewClock(simulate.Begin)
	a, err := app.Open(s.ctx, app.Config{
		Data: folder, Samples: c.Posts == "", Now: clock.Now, Log: logger(s.errs, slog.LevelError),
	})
	if err != nil {
		return err
	}
	defer a.Close()
	if err := c.offer(s.ctx, a, clock); err != nil {
		return err
	}
	person, err := simulate.New(a, simulate.Options{Channel: c.Channel, Mode: c.Mode, Clock: clock, Seen: func(seen simulate.Seen) {
		fmt.Fprintf(s.out, "> %s\n", seen.Said)
		for _, line := range seen.Screen {
			fmt.Fprintln(s.out, strings.TrimRight("< "+line, " "))
		}
	}})
	if err != nil {
		return err
	}
	defer person.Close()
	got, err := talk.Play(source, &stager{person, s, a, clock})
	if err != nil {
		return err
	}
	if diff := talk.Difference(talk.Renumber(source), talk.Renumber(got)); c.Check && diff != "" {
		return bot.Errorf(bot.Invalid, "check", "the bot says something else (numbers that it gives out are counted): %s", diff)
	}
	return nil
}

// offer brings the posts, unless the samples are there.
func (c *simulateCommand) offer(ctx context.Context, a *app.App, clock *simulate.Clock) error {
	if c.Posts == "" {
		return nil
	}
	raw, err := os.ReadFile(c.Posts)
	if err != nil {
		return &bot.Error{Code: bot.NotFound, Op: "posts", Field: c.Posts, Say: "the file cannot be read"}
	}
	fault := func(err error) error { return &bot.Error{Code: bot.CodeOf(err), Op: "posts", Field: c.Posts, Err: err} }
	var posts []bot.Post
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	if bytes.Contains(raw, []byte(`"ID":`)) && in.Decode(&posts) == nil {
		return a.Records.PutPosts(ctx, posts)
	}
	format, err := sheets.FormatOf(c.Posts)
	if err != nil {
		return fault(err)
	}
	sheet := sheets.Posts(app.SheetWords(a.Texts, a.Lexicon), sheets.Options{Lang: app.Lang, Now: clock.Now()})
	good, faults, err := sheets.Read(bytes.NewReader(raw), format, sheet)
	if err != nil {
		return fault(err)
	}
	if len(faults) > 0 {
		return fault(bot.Errorf(bot.Invalid, "", "%d rows are wrong; the first: %v", len(faults), faults[0]))
	}
	return a.Records.PutPosts(ctx, good)
}

// stager does what directives say, and shows them.
type stager struct {
	*simulate.Person
	s     *streams
	app   *app.App
	clock *simulate.Clock
}

// Set adds the directive post to those of a person.
func (p *stager) Set(words []string) error {
	if err := p.set(words); err != nil {
		return err
	}
	fmt.Fprintf(p.s.out, "! %s\n", strings.Join(words, " "))
	return nil
}

func (p *stager) set(words []string) error {
	if words[0] != "post" || len(words) != 3 {
		return p.Person.Set(words)
	}
	post, err := p.app.Records.Post(p.s.ctx, bot.PostID(words[1]))
	if err != nil {
		return err
	}
	post.State, post.Verified = bot.PostState(words[2]), p.clock.Now()
	return p.app.Records.PutPosts(p.s.ctx, []bot.Post{post})
}
