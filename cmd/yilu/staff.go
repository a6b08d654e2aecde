package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/casefile"
	"yilu/bot/cases"
)

// staffCommand is how staff work on disputes until they have a desk: what it does, the desk will do by the same code.
type staffCommand struct {
	List staffList `cmd:"" default:"withargs" help:"The disputes that are not over, the most urgent first (this is what runs without a word)."`
	Show staffShow `cmd:"" help:"One dispute: what was told, its history, its clocks, and what can be done next."`
	Act  staffAct  `cmd:"" help:"Take a step in a dispute."`
}

type staffList struct {
	All   bool   `help:"Those that are over as well."`
	State string `help:"In this state only."`
	Lang  string `help:"Language of the words." default:"zh-CN"`
}

// Run sorts by what must be looked at first: what is urgent, what is late, what is nearly so, and then the oldest.
func (c *staffList) Run(s *streams) error {
	a, err := s.open()
	if err != nil {
		return err
	}
	defer a.Close()
	var numbers []string
	if err := a.Records.EachCase(s.ctx, func(k bot.Case) error {
		if (c.All || !cases.Over(k.State) || c.State != "") && (c.State == "" || c.State == string(k.State)) {
			numbers = append(numbers, k.Number)
		}
		return nil
	}); err != nil {
		return err
	}
	var list []bot.Case
	for _, number := range numbers {
		k, err := a.Case(s.ctx, number)
		if err != nil {
			return err
		}
		list = append(list, k)
	}
	slices.SortStableFunc(list, func(x, y bot.Case) int {
		return cmp.Or(rank(x)-rank(y), x.Opened.Compare(y.Opened))
	})
	w := tabwriter.NewWriter(s.out, 0, 1, 2, ' ', 0)
	for _, k := range list {
		say := speaker(a, c.Lang)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.Number, say("sheets.casestate."+string(k.State)), mark(k), kindsOf(say, k), nextDue(say, k), k.Assigned)
	}
	return w.Flush()
}

// rank orders cases for whoever looks for what to do first.
func rank(k bot.Case) int {
	worst := 4
	for i, level := range []string{"red", "amber", "green"} {
		if slices.ContainsFunc(k.Clocks, func(c bot.CaseClock) bool { return c.Level == level && !c.Reminder }) {
			worst = min(worst, i+1)
		}
	}
	if k.Dispute.Urgent() {
		worst -= 4
	}
	return worst
}

func mark(k bot.Case) string {
	if k.Dispute.Urgent() {
		return "!"
	}
	return ""
}

// nextDue is the clock that runs out first.
func nextDue(say func(string) string, k bot.Case) string {
	var first *bot.CaseClock
	for i := range k.Clocks {
		c := &k.Clocks[i]
		if c.Running() && !c.Reminder && c.Due != "" && (first == nil || c.Due < first.Due) {
			first = c
		}
	}
	if first == nil {
		return ""
	}
	return fmt.Sprintf("%s %s (%s)", say("casefile.clock."+first.ID), first.Due, say("casefile.level."+first.Level))
}

func kindsOf(say func(string) string, k bot.Case) string {
	var names []string
	for _, kind := range k.Dispute.Kinds {
		names = append(names, say("sheets.dispute."+string(kind)))
	}
	return strings.Join(names, ", ")
}

// speaker gives the words of a key in a language, and the key where there are none.
func speaker(a *app.App, lang string) func(string) string {
	return func(key string) string {
		if text, err := a.Texts.Text(a.Texts.Lang(lang), key, nil); err == nil {
			return text
		}
		return key
	}
}

type staffShow struct {
	Number string `arg:"" help:"Number of the dispute."`
	As     string `help:"Who looks. Together with --why names and phones are shown in full, and the history says who looked and why."`
	Why    string `help:"Why they must be shown in full."`
	Lang   string `help:"Language of the words." default:"zh-CN"`
}

// Run masks what tells who somebody is, unless it is said who looks, and why.
func (c *staffShow) Run(s *streams) error {
	if (c.As == "") != (c.Why == "") {
		return &bot.Error{Code: bot.Invalid, Op: "show case", Field: "--as, --why", Say: "give both, to see names and phones in full, or neither"}
	}
	a, err := s.open()
	if err != nil {
		return err
	}
	defer a.Close()
	k, err := a.Case(s.ctx, c.Number)
	if err != nil {
		return err
	}
	if c.As != "" {
		note := cases.Request{Action: cases.Look, By: cases.Clerk, Note: bot.NewPersonal(c.Why)}
		if _, err := a.Records.Act(s.ctx, c.Number, 0, c.As, note, time.Now()); err != nil {
			return err
		}
	}
	say := speaker(a, c.Lang)
	for _, line := range casefile.Lines(a.Texts, c.Lang, k, c.As == "") {
		fmt.Fprintf(s.out, "%s: %s\n", line.Name, line.Value)
	}
	fmt.Fprintln(s.out)
	for _, e := range k.History {
		fmt.Fprintf(s.out, "%d  %s  %s  %s", e.Seq, e.At.In(bot.Xiamen).Format("2006-01-02 15:04"), e.Actor, e.Action)
		if e.From != e.To {
			fmt.Fprintf(s.out, "  -> %s", say("sheets.casestate."+string(e.To)))
		}
		for _, words := range []bot.Personal{e.Note, e.Told} {
			if !words.IsZero() {
				fmt.Fprintf(s.out, "  | %s", casefile.Shown(words, c.As == ""))
			}
		}
		fmt.Fprintln(s.out)
	}
	files := 0
	if err := a.Records.EachFile(s.ctx, func(f bot.KeptFile) error {
		if f.Number == k.Number {
			files++
		}
		return nil
	}); err != nil {
		return err
	}
	if files > 0 {
		fmt.Fprintf(s.out, "\n%d files (yilu export files says where)\n", files)
	}
	fmt.Fprintln(s.out)
	for _, clock := range k.Clocks {
		fmt.Fprintf(s.out, "%s  %s - %s  %s\n", say("casefile.clock."+clock.ID), clock.Started, cmp.Or(string(clock.Due), "?"), say("casefile.level."+clock.Level))
	}
	fmt.Fprintf(s.out, "\nversion %d; a clerk can %s; a mediator can %s; a lead can %s\n", k.Version,
		can(k, cases.Clerk), can(k, cases.Mediator), can(k, cases.Lead))
	return nil
}

func can(k bot.Case, by cases.Role) string {
	return strings.Join(slices.DeleteFunc(cases.Actions(k.State, by), func(a string) bool { return a == cases.Look }), ", ")
}

type staffAct struct {
	Number  string `arg:"" help:"Number of the dispute."`
	Action  string `arg:"" help:"The step; yilu staff show says which ones there are."`
	As      string `required:"" help:"Who acts."`
	Role    string `required:"" enum:"clerk,mediator,lead" help:"clerk, mediator or lead."`
	Version int64  `required:"" help:"The version of the dispute that was looked at. If somebody else acted meanwhile, nothing is done."`
	Note    string `help:"For staff and for the record."`
	Tell    string `help:"For the worker, who reads it with the progress."`
	Whom    string `help:"The mediator, to assign."`
}

// Run says what became of the dispute.
func (c *staffAct) Run(s *streams) error {
	if !slices.Contains(cases.Roles, cases.Role(c.Role)) {
		return &bot.Error{Code: bot.Invalid, Op: "act on case", Field: "--role", Say: fmt.Sprintf("%q is none of %v", c.Role, cases.Roles)}
	}
	if c.Version < 1 {
		return &bot.Error{Code: bot.Invalid, Op: "act on case", Field: "--version", Say: "is less than 1; yilu staff show says which one the dispute has"}
	}
	a, err := s.open()
	if err != nil {
		return err
	}
	defer a.Close()
	k, err := a.Records.Act(s.ctx, c.Number, c.Version, c.As, cases.Request{
		Action: c.Action, By: cases.Role(c.Role), Note: bot.NewPersonal(bot.Clean(c.Note)), Told: bot.NewPersonal(bot.Clean(c.Tell)), Whom: c.Whom,
	}, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s, version %d\n", k.Number, k.State, k.Version)
	return nil
}
