package understand

import (
	"fmt"
	"slices"

	"yilu/bot"
)

// commandSense is a word of the commands: a command or a filler, or both.
type commandSense struct {
	intent bot.Intent
	filler bool
}

// longestCommand is how many runes a command may have with its fillers; a longer message says something.
const longestCommand = 40

func (l *loader) commands() error {
	var f commandsFile
	if err := l.read("commands.toml", &f); err != nil {
		return err
	}
	for _, word := range f.Filler {
		l.commandWord("filler", word).filler = true
	}
	for i, c := range f.Command {
		key := fmt.Sprintf("command[%d] (%s)", i, c.Intent)
		if !slices.Contains(intents, bot.Intent(c.Intent)) {
			return l.bad(key, "unknown intent; use one of %v", intents)
		}
		for _, word := range c.Words {
			l.command(key, bot.Intent(c.Intent), word)
		}
	}
	return l.fault
}

// commandWord is what a word counts for as a command.
func (l *loader) commandWord(key, word string) *commandSense {
	i := l.w.commands.add(string(squeeze([]rune(l.fold(key, word)))))
	if int(i) == len(l.w.command) {
		l.w.command = append(l.w.command, commandSense{})
	}
	return &l.w.command[i]
}

// command makes a word a command.
func (l *loader) command(key string, intent bot.Intent, word string) {
	s := l.commandWord(key, word)
	if s.intent != "" && s.intent != intent {
		_ = l.bad(key, "%q is a word of %s already; remove one", word, s.intent)
		return
	}
	s.intent = intent
}

// squeeze leaves out marks, except where the text is nothing else, and spaces, except between Latin words.
func squeeze(r []rune) []rune { return squeezeInto(make([]rune, 0, len(r)), r) }

// squeezeInto appends to what is empty and has room.
func squeezeInto(out, r []rune) []rune {
	for i, x := range r {
		switch {
		case x == ' ' && i > 0 && i+1 < len(r) && isLatin(r[i-1]) && isLatin(r[i+1]):
			out = append(out, x)
		case x == '\'' || x == '/' || !isMark(x):
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		for _, x := range r {
			if x != ' ' && (len(out) == 0 || out[len(out)-1] != x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// wholeCommand finds the command that the message is, fillers apart. Two different ones are none.
func (w *Words) wholeCommand(r []rune) (bot.Intent, bool) {
	if len(r) > longestCommand {
		return "", false
	}
	var room [longestCommand]rune
	r = squeezeInto(room[:0], r)
	if len(r) > longestCommand {
		return "", false
	}
	// found[i] is the command in the best reading of r[i:]: "" for none yet, clash for two. One that is a filler too, like
	// 你好, is light: it gives way to another.
	var found [longestCommand + 1]bot.Intent
	var fits, light [longestCommand + 1]bool
	fits[len(r)] = true
	const clash bot.Intent = "clash"
	for i := len(r) - 1; i >= 0; i-- {
		if r[i] == ' ' {
			found[i], fits[i], light[i] = found[i+1], fits[i+1], light[i+1]
			continue
		}
		w.commands.each(r, i, func(word int32, end int) {
			if !fits[end] {
				return
			}
			c, rest := w.command[word], found[end]
			got, weak := bot.Intent(""), light[end]
			switch {
			case c.intent == "" || c.filler && rest != "":
				got = rest
			case rest == "" || rest == c.intent || weak:
				got, weak = c.intent, c.filler
			default:
				got = clash
			}
			// The longer word wins where both make a command.
			if !fits[i] || found[i] == "" || found[i] == clash || got != "" && got != clash {
				found[i], fits[i], light[i] = got, true, weak
			}
		})
		if !fits[i] && isHan(r[i]) { // 反回
			if word, end := w.spokenCmds.longest(w.sounds, r, i, w.common); word != none && fits[end] && found[end] == "" {
				found[i], fits[i] = w.command[word].intent, true
			}
		}
	}
	if !fits[0] || found[0] == "" || found[0] == clash {
		return "", false
	}
	return found[0], true
}
