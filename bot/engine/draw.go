package engine

import (
	"fmt"
	"io"
	"strings"

	"yilu/bot"
	"yilu/bot/locale"
)

// Diagram draws a dialogue as a Mermaid state diagram, states and edges in the order of the table.
func Diagram(d bot.Dialogue) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	fmt.Fprintf(&b, "    [*] --> %s\n", d.Start)
	entered := map[string]bool{}
	for _, st := range d.States {
		if st.Call != "" {
			fmt.Fprintf(&b, "    %s : %s (calls %s)\n", st.Name, st.Name, st.Call)
		}
		for _, e := range st.Edges {
			to := e.To
			if next, ok := strings.CutPrefix(to, ">"); ok {
				to = "dialogue_" + next
				if !entered[next] {
					entered[next] = true
					fmt.Fprintf(&b, "    %s : dialogue %s\n", to, next)
				}
			}
			fmt.Fprintf(&b, "    %s --> %s : %s\n", st.Name, to, e.On)
		}
		if st.End != "" {
			fmt.Fprintf(&b, "    %s --> [*] : %s\n", st.Name, st.End)
		}
	}
	return b.String()
}

// Page writes the page that stands beside a dialogue: its picture and its table of questions, in the language.
func Page(w io.Writer, d bot.Dialogue, texts *locale.Texts, lang string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s · %s\n\n", texts.Source(lang, d.Name+".title"), d.Name)
	fmt.Fprintf(&b, "Version %d. Written by `yilu diagram --write`; change the table in this folder and the texts in `locales/`, not this page.\n\n", d.Version)
	if len(d.Intents) > 0 {
		names := make([]string, len(d.Intents))
		for i, w := range d.Intents {
			names[i] = "`" + string(w) + "`"
		}
		fmt.Fprintf(&b, "Started by %s.\n\n", strings.Join(names, ", "))
	}
	b.WriteString("```mermaid\n" + Diagram(d) + "```\n\n")
	b.WriteString("| state | what is said | what is accepted | where it leads |\n| --- | --- | --- | --- |\n")
	for _, st := range d.States {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", st.Name, cell(texts.Source(lang, d.Name+"."+st.Name)), accepts(d, &st, texts, lang), leads(&st))
	}
	b.WriteString("\nEverywhere: back, cancel, help, the menu, a person, the other language; a person is offered after the third answer that is not understood; a question that may be skipped says so.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func accepts(d bot.Dialogue, st *bot.State, texts *locale.Texts, lang string) string {
	var parts []string
	if st.Accept != "" {
		parts = append(parts, "`"+string(st.Accept)+"`")
	}
	if st.List != nil {
		parts = append(parts, "a number of the list")
	}
	if st.Summary {
		parts = append(parts, "yes, or what is wrong")
	}
	for _, name := range st.Choices {
		parts = append(parts, fmt.Sprintf("%s (`%s`)", cell(texts.Source(lang, d.Name+"."+st.Name+"."+name)), name))
	}
	if st.Optional {
		parts = append(parts, "may be skipped")
	}
	return strings.Join(parts, ", ")
}

func leads(st *bot.State) string {
	var parts []string
	if st.Call != "" {
		parts = append(parts, "runs `"+st.Call+"`")
	}
	for _, e := range st.Edges {
		to := "`" + e.To + "`"
		if next, ok := strings.CutPrefix(e.To, ">"); ok {
			to = "dialogue `" + next + "`"
		}
		parts = append(parts, fmt.Sprintf("%s → %s", e.On, to))
	}
	if st.End != "" {
		parts = append(parts, "ends: "+string(st.End))
	}
	return strings.Join(parts, "; ")
}

func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", "<br>").Replace(s)
}
