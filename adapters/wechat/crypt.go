package wechat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/silenceper/wechat/v2/util"
)

// open decrypts what WeChat sent with the first of the account's keys that fits, and returns that key, so that the
// answer goes back under it: while a new key is being introduced, WeChat uses either. It returns no key if none fits, or
// if what is inside is for another account.
func (a *account) open(encrypted string) (plain []byte, k *key) {
	sealed, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil {
		return nil, nil
	}
	for i := range a.keys {
		// The error's text may quote what it read, and says nothing that is of use: a wrong key, a wrong account and damage
		// look alike.
		_, plain, appID, err := util.AESDecryptMsg(sealed, a.keys[i].aes)
		if err == nil && string(appID) == a.appID {
			return plain, &a.keys[i]
		}
	}
	return nil, nil
}

// seal encrypts an answer to the delivery.
//
// Every delivery of a message must get the same bytes, from any process, so nothing in them is random: the 16 bytes
// before the text and the nonce are derived from the account's key, the message and the answer, by HMAC-SHA256, and
// the time is the message's. This gives away no more than random bytes would: the same bytes come out only for the same
// answer to the same message, which WeChat has been given already, and without the key, those of any other answer
// cannot be told from chance. The initialisation vector is fixed by the protocol (the key's first 16 bytes); the bytes
// before the text do its work.
func (a *account) seal(k *key, d *delivery, answer []byte) []byte {
	mac := hmac.New(sha256.New, k.mac)
	for _, part := range []string{d.messageID(), d.From, d.To} {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	mac.Write(answer)
	seed := mac.Sum(nil)

	sealed := base64.StdEncoding.EncodeToString(util.AESEncryptMsg(seed[:16], answer, a.appID, k.aes))
	timestamp := strconv.FormatInt(d.seconds, 10)
	nonce := fmt.Sprintf("%010d", binary.BigEndian.Uint64(seed[16:24])%1e10)

	var b xmlWriter
	b.open()
	b.text("Encrypt", sealed)
	b.text("MsgSignature", util.Signature(a.token, timestamp, nonce, sealed))
	b.number("TimeStamp", timestamp)
	b.text("Nonce", nonce)
	return b.close()
}
