package sheets

import (
	"strconv"
	"time"

	"yilu/bot"
)

// Cases is the sheet of disputes. It goes out only: they come from workers, never from a file.
func Cases(w Words, o Options) Sheet[bot.Case] {
	s := newSheet("case", w, o, caseColumns())
	s.outOnly = true
	s.id = func(c *bot.Case) string { return c.Number }
	return s
}

func caseColumns() []column[bot.Case] {
	return []column[bot.Case]{
		text("number", func(c *bot.Case) *string { return &c.Number }, 64),
		choice("state", "casestate", func(c *bot.Case) *bot.CaseState { return &c.State }),
		{key: "urgent", kind: asFlag, group: "flag", get: func(c *bot.Case, v voice) string {
			if c.Dispute.Urgent() {
				return v.word("flag", "yes")
			}
			return v.word("flag", "no")
		}},
		{key: "kinds", kind: asList, get: func(c *bot.Case, v voice) string {
			var names []string
			for _, k := range c.Dispute.Kinds {
				names = append(names, v.word("dispute", string(k)))
			}
			return joinList(names)
		}},
		{key: "amount", kind: asNumber, get: func(c *bot.Case, _ voice) string {
			if c.Dispute.Amount == 0 {
				return ""
			}
			return strconv.FormatFloat(float64(c.Dispute.Amount)/100, 'f', -1, 64)
		}},
		number("party", func(c *bot.Case) *int { return &c.Dispute.Party }, 1, 99),
		person("name", func(c *bot.Case) *bot.Personal { return &c.Dispute.Name }, 0),
		person("phone", func(c *bot.Case) *bot.Personal { return &c.Dispute.Phone }, 0),
		choice("hirer", "hirer", func(c *bot.Case) *string { return &c.Dispute.Hirer }),
		person("respondent", func(c *bot.Case) *bot.Personal { return &c.Dispute.Respondent }, 0),
		person("period", func(c *bot.Case) *bot.Personal { return &c.Dispute.Period }, 0),
		choice("contract", "contract", func(c *bot.Case) *string { return &c.Dispute.Contract }),
		person("facts", func(c *bot.Case) *bot.Personal { return &c.Dispute.Facts }, 0),
		person("evidence", func(c *bot.Case) *bot.Personal { return &c.Dispute.Evidence }, 0),
		choice("route", "route", func(c *bot.Case) *bot.Route { return &c.Dispute.Route }),
		text("assigned", func(c *bot.Case) *string { return &c.Assigned }, 64),
		moment("opened", func(c *bot.Case) *time.Time { return &c.Opened }, false),
		moment("modified", func(c *bot.Case) *time.Time { return &c.Modified }, false),
		text("worker", func(c *bot.Case) *bot.WorkerID { return &c.Worker }, 64),
	}
}
