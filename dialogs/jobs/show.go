package jobs

import (
	"strings"

	"yilu/bot"
)

// list shows the page's posts, a line each.
func list(t *bot.Turn) ([]bot.Option, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return nil, err
	}
	var out []bot.Option
	for _, id := range form.Shown {
		p, err := t.Read.Post(t.Context, id)
		if bot.CodeOf(err) == bot.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		label, err := t.Text("jobs.line", lineOf(p))
		if err != nil {
			return nil, err
		}
		out = append(out, bot.Option{Value: string(p.ID), Label: label})
	}
	return out, nil
}

type line struct {
	Title    string
	District bot.District
	Pay      bot.Pay
	Settle   bot.Settle
	Left     int
	Urgent   bool
}

func lineOf(p bot.Post) line {
	return line{p.Title, p.District, p.Pay, p.Settle, p.Left(), p.Urgent}
}

// found is the data of the list's text: what was searched for, and what was left out of it.
func found(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return nil, err
	}
	wishes, err := said(t, form)
	if err != nil {
		return nil, err
	}
	relaxed := ""
	if form.Relaxed != "" {
		if relaxed, err = t.Text("jobs.relaxed."+form.Relaxed, nil); err != nil {
			return nil, err
		}
	}
	return struct {
		Wishes, Relaxed string
		Page            int
	}{wishes, relaxed, form.Offset/Page + 1}, nil
}

// wishes is the data of the text that says that there is nothing.
func wishes(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return nil, err
	}
	text, err := said(t, form)
	return struct{ Wishes string }{text}, err
}

func said(t *bot.Turn, form Form) (string, error) {
	text, err := t.Text("jobs.wishes", form)
	return strings.Join(strings.Fields(text), " "), err
}

// look sees whether the post that was picked is still open, and remembers it: "我要报这个" means it from now on.
func look(t *bot.Turn) (bot.Outcome, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return "", err
	}
	p, err := t.Read.Post(t.Context, form.Post)
	if err != nil && bot.CodeOf(err) != bot.NotFound {
		return "", err
	}
	if err != nil || !p.Open(t.Now) {
		return "closed", nil
	}
	t.Remember(bot.FactPost, string(p.ID))
	return "open", nil
}

// details shows one post whole.
func details(t *bot.Turn) (any, error) {
	form, err := bot.FormOf[Form](t)
	if err != nil {
		return nil, err
	}
	p, err := t.Read.Post(t.Context, form.Post)
	if err != nil {
		return nil, err
	}
	return struct {
		Post bot.Post
		Left int
		Time string
	}{p, p.Left(), hours(p)}, nil
}

func hours(p bot.Post) string {
	if p.From == "" {
		return ""
	}
	return string(p.From) + "–" + string(p.To)
}
