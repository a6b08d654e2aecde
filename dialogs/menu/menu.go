// Package menu is where a worker is who is in no other dialogue. It shows what Yilu can do; anything that is said in
// plain words goes to the dialogue that it asks for.
package menu

import "yilu/bot"

// Dialogue is the table.
var Dialogue = bot.Dialogue{
	Name:    "menu",
	Version: 1,
	Intents: []bot.Intent{bot.NavHome},
	Start:   "menu",
	Quiet:   true,
	States: []bot.State{
		{Name: "menu", Choices: []string{"jobs", "register", "applications", "mydata", "person"}, Edges: []bot.Edge{
			{On: "jobs", To: bot.Enter("jobs")},
			{On: "register", To: bot.Enter("registration")},
			{On: "applications", To: bot.Enter("applications")},
			{On: "mydata", To: bot.Enter("mydata")},
			{On: "person", To: bot.Enter("person")},
		}},
	},
}
