// Package dialogs is the one list of the dialogues. Each stands in a folder of its own: a table, pure handlers, a page
// that is drawn from the table, and transcripts in testdata that pass through every transition of it. A new dialogue is
// such a folder, one line here, and one text file a language in locales.
package dialogs

import (
	"yilu/bot"
	"yilu/dialogs/addition"
	"yilu/dialogs/alerts"
	"yilu/dialogs/applications"
	"yilu/dialogs/apply"
	"yilu/dialogs/consent"
	"yilu/dialogs/dispute"
	"yilu/dialogs/insurance"
	"yilu/dialogs/jobs"
	"yilu/dialogs/link"
	"yilu/dialogs/menu"
	"yilu/dialogs/mycases"
	"yilu/dialogs/mydata"
	"yilu/dialogs/person"
	"yilu/dialogs/registration"
	"yilu/dialogs/report"
	"yilu/dialogs/stations"
	"yilu/dialogs/under16"
)

// All lists the dialogues.
func All() []bot.Dialogue {
	return []bot.Dialogue{
		menu.Dialogue,
		jobs.Dialogue,
		apply.Dialogue,
		applications.Dialogue,
		alerts.Dialogue,
		report.Dialogue,
		registration.Dialogue,
		consent.Dialogue,
		under16.Dialogue,
		mydata.Dialogue,
		link.Dialogue,
		dispute.Dialogue,
		mycases.Dialogue,
		addition.Dialogue,
		insurance.Dialogue,
		stations.Dialogue,
		person.Dialogue,
	}
}
