package wechattest

import (
	"strconv"
	"strings"
	"time"
)

// Text is a text that somebody wrote. It may hold any bytes, as people's texts do. The msgID is a number.
func (a Account) Text(openid, msgID string, at time.Time, text string) []byte {
	return a.message(openid, "text", msgID, at, "<Content>"+cdata(text)+"</Content>\n")
}

// Image is a picture.
func (a Account) Image(openid, msgID string, at time.Time, mediaID string) []byte {
	return a.message(openid, "image", msgID, at, "<PicUrl>"+cdata("http://mmbiz.invalid/"+mediaID)+"</PicUrl>\n<MediaId>"+cdata(mediaID)+"</MediaId>\n")
}

// Voice is a recording, with what WeChat understood of it, "" for nothing.
func (a Account) Voice(openid, msgID string, at time.Time, mediaID, recognition string) []byte {
	return a.message(openid, "voice", msgID, at, "<MediaId>"+cdata(mediaID)+"</MediaId>\n<Format>"+cdata("amr")+"</Format>\n<Recognition>"+cdata(recognition)+"</Recognition>\n")
}

// Video is a film, of either kind: "video" or "shortvideo".
func (a Account) Video(openid, msgID string, at time.Time, kind, mediaID string) []byte {
	return a.message(openid, kind, msgID, at, "<MediaId>"+cdata(mediaID)+"</MediaId>\n<ThumbMediaId>"+cdata(mediaID+"_thumb")+"</ThumbMediaId>\n")
}

// Location is a place that somebody shared, in degrees.
func (a Account) Location(openid, msgID string, at time.Time, lat, lng float64, label string) []byte {
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }
	return a.message(openid, "location", msgID, at, "<Location_X>"+f(lat)+"</Location_X>\n<Location_Y>"+f(lng)+"</Location_Y>\n<Scale>16</Scale>\n<Label>"+cdata(label)+"</Label>\n")
}

// Link is a page that somebody shared.
func (a Account) Link(openid, msgID string, at time.Time, title, description, address string) []byte {
	return a.message(openid, "link", msgID, at, "<Title>"+cdata(title)+"</Title>\n<Description>"+cdata(description)+"</Description>\n<Url>"+cdata(address)+"</Url>\n")
}

// Event is something that somebody did: "subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW" …, with its EventKey.
func (a Account) Event(openid, event, key string, at time.Time) []byte {
	return a.wrap(openid, "event", at, "<Event>"+cdata(event)+"</Event>\n<EventKey>"+cdata(key)+"</EventKey>\n")
}

// Other is a message of any kind, with what it holds as XML.
func (a Account) Other(openid, kind, msgID string, at time.Time, inner string) []byte {
	return a.message(openid, kind, msgID, at, inner)
}

func (a Account) message(openid, kind, msgID string, at time.Time, inner string) []byte {
	return a.wrap(openid, kind, at, inner+"<MsgId>"+msgID+"</MsgId>\n")
}

func (a Account) wrap(openid, kind string, at time.Time, inner string) []byte {
	return []byte("<xml>\n<ToUserName>" + cdata(a.OriginalID) + "</ToUserName>\n<FromUserName>" + cdata(openid) + "</FromUserName>\n" +
		"<CreateTime>" + strconv.FormatInt(at.Unix(), 10) + "</CreateTime>\n<MsgType>" + cdata(kind) + "</MsgType>\n" + inner + "</xml>")
}

// cdata quotes a text whatever it holds.
func cdata(text string) string {
	return "<![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]>"
}
