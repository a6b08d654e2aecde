package sheets

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// toUTF8 tells the encoding and takes a byte order mark off. Excel in China saves CSV in the code page of the system,
// which is GBK, a part of GB18030; "Unicode text" is UTF-16 with a mark. It reports false for what is none of these.
func toUTF8(raw []byte) ([]byte, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
		return out, err == nil
	case utf8.Valid(raw):
		return bytes.TrimPrefix(raw, []byte("\ufeff")), true
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	return out, err == nil && !bytes.ContainsRune(out, utf8.RuneError)
}
