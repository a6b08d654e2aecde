package evidence

import (
	"bytes"
	"net/http"
	"strings"
)

// Unknown is the type of whatever is no picture, sound, film, PDF or office document. It is kept all the same, and
// nobody's program opens it by itself.
const Unknown = "application/octet-stream"

// headSize is how much of a file tells its type.
const headSize = 4096

// magic are the types that net/http does not tell, by what a file begins with.
var magic = []struct{ begins, mediaType string }{
	{"#!AMR-WB\n", "audio/amr-wb"},
	{"#!AMR\n", "audio/amr"},
	{"#!SILK_V3", "audio/silk"},
	{"\x02#!SILK_V3", "audio/silk"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"}, // documents of office programs before 2007
}

// brands are the types of the ISO media files that net/http does not tell, by the brand behind "ftyp".
var brands = map[string]string{
	"heic": "image/heic", "heix": "image/heic", "mif1": "image/heif", "avif": "image/avif", "M4A ": "audio/mp4", "qt  ": "video/quicktime",
	"isom": "video/mp4", "iso2": "video/mp4", "3gp4": "video/3gpp", "3gp5": "video/3gpp", "3gp6": "video/3gpp",
}

// offices are the types of office documents, which are archives, by the folder that is in them.
var offices = []struct{ folder, mediaType string }{
	{"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
}

// TypeOf tells the media type of a file by its first bytes, of which some thousands are enough: one of a picture, a
// sound, a film, a PDF or an office document, or Unknown.
func TypeOf(head []byte) string {
	for _, m := range magic {
		if bytes.HasPrefix(head, []byte(m.begins)) {
			return m.mediaType
		}
	}
	told, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch family, _, _ := strings.Cut(told, "/"); {
	case family == "image", family == "audio", family == "video", told == "application/pdf":
		return told
	case told == "application/ogg":
		return "audio/ogg"
	case told == "application/zip":
		return officeOf(head)
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		if known := brands[string(head[8:12])]; known != "" {
			return known
		}
	case bytes.HasPrefix(head, []byte("\xff\xfb")), bytes.HasPrefix(head, []byte("\xff\xf3")): // MP3 without tags
		return "audio/mpeg"
	case bytes.HasPrefix(head, []byte("\xff\xf1")), bytes.HasPrefix(head, []byte("\xff\xf9")):
		return "audio/aac"
	}
	return Unknown
}

// officeOf tells office documents from other archives: they name their parts.
func officeOf(head []byte) string {
	if bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("_rels/.rels")) {
		for _, o := range offices {
			if bytes.Contains(head, []byte(o.folder)) {
				return o.mediaType
			}
		}
	}
	return Unknown
}
