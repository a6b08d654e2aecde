package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yilu/bot"
	"yilu/bot/app"
	"yilu/bot/engine"
	"yilu/dialogs"
)

type checkCommand struct{}

func (checkCommand) Run(s *streams) error {
	texts, words, err := app.Words(s.stores.Lexicon)
	if err != nil {
		return err
	}
	found := texts.Problems()
	for _, p := range engine.Check(dialogs.All(), texts) {
		found = append(found, p.String())
	}
	if len(found) > 0 {
		for _, p := range found {
			fmt.Fprintln(s.out, p)
		}
		return bot.Errorf(bot.Invalid, "check", "%d faults", len(found))
	}
	states := 0
	for _, d := range dialogs.All() {
		states += len(d.States)
	}
	fmt.Fprintf(s.out, "In order: %d dialogues with %d states, %d texts in %s, %d trades.\n",
		len(dialogs.All()), states, len(texts.Keys(app.Lang, "")), strings.Join(texts.Langs(), " and "), len(words.Trades()))
	return nil
}

type diagramCommand struct {
	Dialogue string `arg:"" optional:"" help:"One dialogue; all of them if none is named."`
	Write    string `help:"Write a page with picture and table beside each dialogue, in this folder of dialogues." placeholder:"dialogs" type:"existingdir"`
}

func (c *diagramCommand) Run(s *streams) error {
	texts, _, err := app.Words(s.stores.Lexicon)
	if err != nil {
		return err
	}
	all := dialogs.All()
	if c.Dialogue != "" {
		all = slices.DeleteFunc(all, func(d bot.Dialogue) bool { return d.Name != c.Dialogue })
		if len(all) == 0 {
			return bot.Errorf(bot.NotFound, "diagram", "there is no dialogue %q", c.Dialogue)
		}
	}
	for _, d := range all {
		if c.Write == "" {
			fmt.Fprintf(s.out, "%%%% %s\n%s\n", d.Name, engine.Diagram(d))
			continue
		}
		var page strings.Builder
		if err := engine.Page(&page, d, texts, app.Lang); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(c.Write, d.Name, "README.md"), []byte(page.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

type understandCommand struct{}

// Run reads plain lines, or JSON lines {"text","now"} with an RFC 3339 time.
func (understandCommand) Run(s *streams) error {
	_, words, err := app.Words(s.stores.Lexicon)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(s.in)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	for n := 1; lines.Scan(); n++ {
		in := struct {
			Text string    `json:"text"`
			Now  time.Time `json:"now"`
		}{lines.Text(), time.Now()}
		if strings.HasPrefix(strings.TrimSpace(in.Text), "{") {
			raw := []byte(in.Text)
			in.Text = ""
			if err := json.Unmarshal(raw, &in); err != nil {
				return &bot.Error{Code: bot.Invalid, Op: "understand", Field: fmt.Sprintf("line %d", n), Say: `a line of JSON is {"text": "…", "now": "2026-11-23T09:00:00+08:00"}`, Err: err}
			}
		}
		if err := out.Encode(words.Frame(in.Text, in.Now)); err != nil {
			return err
		}
	}
	return lines.Err()
}
