// Package consent shows the notice under which personal data is kept, and records the answer with the text that was
// shown (个人信息保护法 §14, §17). Other dialogues call it before the first personal answer; whoever has agreed to
// today's notice is not asked again, and whoever refuses can still look for work.
package consent

import "yilu/bot"

// Dialogue is the table. Its results are "agreed" and "declined".
var Dialogue = bot.Dialogue{
	Name:    "consent",
	Version: 1,
	Start:   "known",
	Quiet:   true,
	States: []bot.State{
		{Name: "known", Decide: known, Edges: []bot.Edge{{On: "agreed", To: "agreed"}, {On: bot.Next, To: "notice"}}},
		{Name: "notice", Accept: bot.YesNo, Decide: answer, Edges: []bot.Edge{{On: bot.Yes, To: "agreed"}, {On: bot.No, To: "declined"}}},
		{Name: "agreed", End: "agreed", Silent: true},
		{Name: "declined", End: "declined", Silent: true},
	},
}

// known asks the records. Where they do not answer the notice is shown again, which harms nobody.
func known(t *bot.Turn) (bot.Outcome, error) {
	w, err := t.Read.Worker(t.Context, t.Worker())
	if err == nil && w.Consent == bot.Notice {
		return "agreed", nil
	}
	return bot.Next, nil
}

func answer(t *bot.Turn) (bot.Outcome, error) {
	shown, err := t.Text("consent.notice", nil)
	if err != nil {
		return "", err
	}
	t.Do(bot.RecordConsent{Notice: bot.Notice, Purpose: "placement", Agreed: t.Choice == string(bot.Yes), Shown: shown})
	return bot.Outcome(t.Choice), nil
}
