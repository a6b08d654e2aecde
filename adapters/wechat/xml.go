package wechat

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// envelope is what is read of an encrypted delivery: nothing that stands beside the encrypted part.
type envelope struct {
	XMLName xml.Name `xml:"xml"`
	Encrypt string   `xml:"Encrypt"`
}

// unmarshal reads XML from WeChat. The decoder knows no entities beyond XML's own five and follows no DTD, and what is
// nested too deeply is an error.
func unmarshal(raw []byte, into any) error {
	return xml.Unmarshal(cleanXML(raw), into)
}

// cleanXML removes what may not stand in XML and yet does, because somebody typed it: one such character would lose the
// whole message.
func cleanXML(raw []byte) []byte {
	if isCleanXML(raw) {
		return raw
	}
	return bytes.Map(func(r rune) rune {
		if isXML(r) {
			return r // bytes that are no UTF-8 come here as U+FFFD
		}
		return -1
	}, raw)
}

func isCleanXML(raw []byte) bool {
	for i := 0; i < len(raw); {
		if c := raw[i]; c < utf8.RuneSelf {
			if !isXML(rune(c)) {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 || !isXML(r) {
			return false
		}
		i += n
	}
	return true
}

// isXML reports whether XML 1.0 allows the character.
func isXML(r rune) bool {
	return r >= ' ' && r != '\uFFFE' && r != '\uFFFF' || r == '\t' || r == '\n' || r == '\r'
}

// xmlWriter writes the flat XML of an answer.
type xmlWriter struct{ strings.Builder }

func (w *xmlWriter) open() { w.WriteString("<xml>") }

// text writes an element with any text that is clean.
func (w *xmlWriter) text(name, text string) {
	w.WriteString("<" + name + "><![CDATA[")
	w.WriteString(strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>"))
	w.WriteString("]]></" + name + ">")
}

// number writes an element of digits.
func (w *xmlWriter) number(name, digits string) {
	w.WriteString("<" + name + ">" + digits + "</" + name + ">")
}

func (w *xmlWriter) close() []byte {
	w.WriteString("</xml>")
	return []byte(w.String())
}
