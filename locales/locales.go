// Package locales holds every word that a person reads, one folder a language with one file a dialogue or channel, and
// in lexicon the words that people say, with their ids. It is data; bot/locale and bot/understand read it.
package locales

import "embed"

// Files is the whole folder, so that a new language is a new folder and nothing else.
//
//go:embed *
var Files embed.FS
