package wechat

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/url"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// freshFor is how far WeChat's clock and ours may be apart. A request is remembered twice as long: one that is signed
// for the end of that time may come at its beginning.
const freshFor = 5 * time.Minute

// The memory of nonces, for each process. At 50,000 in ten minutes the oldest would go early.
const maxNonces = 50_000

// stamp is what a request is signed over besides the token.
type stamp struct {
	timestamp string
	nonce     string
	at        time.Time
}

// readStamp reads it strictly. What is signed are the timestamp, the nonce and the token, sorted and joined without a
// border: the same signature is right for the two swapped, and for digits that go over from one to the other. So neither
// may be written in more than one way; the memory of nonces goes by what is signed (see first), for as long as the first
// one is fresh; and for later, when a nonce may read like the time that it is then, a message has to be of about the
// time of its request (see sameTime).
func readStamp(q url.Values) (stamp, bool) {
	s := stamp{timestamp: q.Get("timestamp"), nonce: q.Get("nonce")}
	sec, err := strconv.ParseInt(s.timestamp, 10, 64)
	if err != nil || sec <= 0 || sec > maxSeconds || strconv.FormatInt(sec, 10) != s.timestamp || !nameForm.MatchString(s.nonce) {
		return stamp{}, false
	}
	s.at = time.Unix(sec, 0)
	return s, true
}

// sameTime is how far a message's CreateTime, which only the body holds, and the time of its request may be apart. WeChat
// delivers within seconds. Where the body is encrypted, nobody else can change it, and this ends the use of a request
// that somebody kept until its nonce read like the time. In the clear it does not, but then the body is anybody's anyway.
const sameTime = 10 * time.Minute

// maxSeconds keeps times within what can be written as a date.
const maxSeconds = 1 << 37

// signed reports whether signature is the token's over the parts, without telling by its time where they differ.
func (a *account) signed(signature string, parts ...string) bool {
	want := util.Signature(append(parts, a.token)...)
	return subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1
}

// fresh reports whether the request was signed just now. Only what is rightly signed comes here, so what differs is a
// clock, or somebody replays.
func (in *inbound) fresh(ctx context.Context, s stamp) bool {
	apart := s.at.Sub(in.host.Now())
	if apart.Abs() <= freshFor {
		return true
	}
	side := "behind ours"
	if apart > 0 {
		side = "ahead of ours"
	}
	in.lines.write(ctx, in.host.Now(), perReason, slog.LevelWarn, "wechat: refused: rightly signed, but not now; if all messages are refused, set the clock of this machine",
		slog.String("apart", apart.Abs().Round(time.Second).String()), slog.String("wechat", side), slog.String("allowed", freshFor.String()))
	return false
}

// first reports whether what the request's timestamp and nonce are signed as is new, or came with this very message
// before: WeChat repeats a delivery. In between, a message may have been encrypted anew, so plain is what counts.
func (in *inbound) first(s stamp, plain []byte) bool {
	sum := sha256.Sum256(plain)
	kept := in.nonces.visit(util.Signature(s.timestamp, s.nonce, in.token), in.host.Now(), func(old [sha256.Size]byte, known bool) [sha256.Size]byte {
		if known {
			return old
		}
		return sum
	})
	return kept == sum
}
