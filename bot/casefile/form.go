package casefile

import (
	"html/template"
	"io"
	"slices"
	"time"

	"github.com/gomutex/godocx"

	"yilu/bot"
	"yilu/bot/locale"
)

// Form is an application as it is signed.
type Form struct {
	Lang  string
	Title string
	Notes []string // how it came about, and what to check before it is signed
	Rows  []Line   // those without a value are filled in by hand
	Told  []Line   // what was added later, with the time
	Sign  []string
}

// blanks are the fields that the chat does not ask for, by the line before which they stand.
var blanks = map[string][]string{
	"phone":    {"sex", "born", "idcard"},
	"hirer":    {"address", "occupation", "agent"},
	"place":    {"respondent_address", "legal_rep", "respondent_phone", "chain"},
	"evidence": {"claims"},
	"party":    {"witnesses"},
	"route":    {"elsewhere", "willing"},
}

// NewForm fills in the application of a case. Now is when it is printed.
func NewForm(texts *locale.Texts, lang string, c bot.Case, now time.Time) Form {
	lang = texts.Lang(lang)
	word := func(key string) string {
		text, err := texts.Text(lang, "casefile."+key, nil)
		if err != nil {
			return ""
		}
		return text
	}
	f := Form{Lang: lang, Title: word("title"), Notes: []string{word("taken"), word("printed") + " " + now.In(bot.Xiamen).Format("2006-01-02 15:04")}}
	if c.Dispute.Party >= bot.GroupCase {
		f.Notes = append(f.Notes, word("group"))
	}
	for i, line := range Lines(texts, lang, c, false) {
		key := keys[i]
		for _, blank := range blanks[key] {
			f.Rows = append(f.Rows, Line{Name: word(blank)})
		}
		if slices.Contains([]string{"state", "route", "assigned"}, key) { // the office's own
			continue
		}
		f.Rows = append(f.Rows, line)
	}
	for _, e := range c.History {
		if e.Action == "add" && !e.Note.IsZero() {
			f.Told = append(f.Told, Line{e.At.In(bot.Xiamen).Format("2006-01-02 15:04"), Shown(e.Note, false)})
		}
	}
	for _, key := range []string{"true", "signature", "date", "received"} {
		f.Sign = append(f.Sign, word(key))
	}
	return f
}

var page = template.Must(template.New("form").Parse(`<!doctype html>
<html lang="{{.Lang}}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>
<style>
body { font: 11pt/1.5 serif; max-width: 180mm; margin: 10mm auto; color: #000; background: #fff }
h1 { font-size: 16pt; text-align: center }
table { width: 100%; border-collapse: collapse }
th, td { border: 1px solid #000; padding: 2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; white-space: pre-wrap }
th { width: 32%; font-weight: normal }
tr { break-inside: avoid }
td:empty { height: 7mm }
p.sign { margin-top: 8mm }
@page { size: A4; margin: 15mm }
</style>
<h1>{{.Title}}</h1>
{{range .Notes}}<p>{{.}}</p>
{{end}}<table>
{{range .Rows}}<tr><th>{{.Name}}</th><td>{{.Value}}</td></tr>
{{end}}{{range .Told}}<tr><th>{{.Name}}</th><td>{{.Value}}</td></tr>
{{end}}</table>
{{range .Sign}}<p class="sign">{{.}}</p>
{{end}}`))

// HTML writes the application as a page to print, on A4.
func (f Form) HTML(w io.Writer) error { return page.Execute(w, f) }

// Docx writes the application as a document for Word and the like.
func (f Form) Docx(w io.Writer) error {
	doc, err := godocx.NewDocument()
	if err != nil {
		return err
	}
	if _, err := doc.AddHeading(f.Title, 1); err != nil {
		return err
	}
	for _, note := range f.Notes {
		doc.AddParagraph(note)
	}
	table := doc.AddTable()
	table.Style("TableGrid")
	for _, line := range append(slices.Clone(f.Rows), f.Told...) {
		row := table.AddRow()
		row.AddCell().AddParagraph(line.Name)
		row.AddCell().AddParagraph(line.Value)
	}
	for _, sign := range f.Sign {
		doc.AddParagraph(sign)
	}
	return doc.Write(w)
}
