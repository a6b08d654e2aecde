package locale

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var variable = regexp.MustCompile(`\.([A-Z]\w*)`)
var action = regexp.MustCompile(`\{\{.*?\}\}`)

// Variables lists the fields of its data that a text uses, sorted.
func Variables(text string) []string {
	var names []string
	for _, a := range action.FindAllString(text, -1) {
		for _, m := range variable.FindAllStringSubmatch(a, -1) {
			if !slices.Contains(names, m[1]) {
				names = append(names, m[1])
			}
		}
	}
	slices.Sort(names)
	return names
}

// Problems lists what is wrong with the texts as a whole: keys that a language lacks, variables that differ between
// languages, templates that cannot be read. Each names the language, the key and the fault.
func (t *Texts) Problems() []string {
	var out []string
	for _, lang := range t.langs {
		l := t.byLang[lang]
		for key, text := range l.source {
			if _, err := l.parser.Parse(text, "", ""); err != nil {
				out = append(out, fmt.Sprintf("%s %s: the template cannot be read: %v", lang, key, err))
			}
			for _, other := range t.langs {
				theirs, ok := t.byLang[other].source[key]
				switch {
				case !ok:
					out = append(out, fmt.Sprintf("%s %s: the text is missing; %s has it", other, key, lang))
				case other > lang && !slices.Equal(Variables(text), Variables(theirs)):
					out = append(out, fmt.Sprintf("%s %s: uses {%s}, but in %s {%s}", lang, key,
						strings.Join(Variables(text), " "), other, strings.Join(Variables(theirs), " ")))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
