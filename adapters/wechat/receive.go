package wechat

import (
	"net/http"
	"time"
)

// receive takes a delivery apart and checks all of it, or refuses it. Which mode the account is in is the settings'
// word, never the request's: with a key, only what is encrypted counts, whatever stands beside it, and what is not
// encrypted is forged; the address's own signature covers no body. It returns the key that the delivery came with, nil
// for a plain account.
func (in *inbound) receive(w http.ResponseWriter, r *http.Request) (*delivery, *key, bool) {
	q := r.URL.Query()
	s, ok := readStamp(q)
	signature := q.Get("signature")
	// With a key, what counts is the signature over the encrypted part; this one only spares reading the body.
	if !ok || (len(in.keys) == 0 || signature != "") && !in.signed(signature, s.timestamp, s.nonce) {
		in.refuse(w, r, http.StatusForbidden, "not signed with YILU_WECHAT_TOKEN; it must be the console's")
		return nil, nil, false
	}
	plain, ok := in.body(w, r)
	if !ok {
		return nil, nil, false
	}
	var k *key
	if len(in.keys) > 0 {
		if plain, k, ok = in.decrypt(w, r, s, q.Get("msg_signature"), plain); !ok {
			return nil, nil, false
		}
	}
	if !in.fresh(r.Context(), s) {
		write(w, http.StatusForbidden, "text/plain; charset=utf-8", nil)
		return nil, nil, false
	}
	if !in.first(s, plain) {
		in.refuse(w, r, http.StatusForbidden, replayed)
		return nil, nil, false
	}
	d := &delivery{}
	if err := unmarshal(plain, d); err != nil {
		in.refuse(w, r, http.StatusBadRequest, "the body is malformed")
		return nil, nil, false
	}
	if k == nil && d.Encrypt != "" && d.Kind == "" {
		in.refuse(w, r, http.StatusBadRequest, "the message is encrypted and there is no key; set YILU_WECHAT_AES_KEY to the console's EncodingAESKey")
		return nil, nil, false
	}
	if !d.read() {
		in.refuse(w, r, http.StatusBadRequest, "the message lacks its sender, time, kind or number")
		return nil, nil, false
	}
	if time.Unix(d.seconds, 0).Sub(s.at).Abs() > sameTime {
		in.refuse(w, r, http.StatusForbidden, "the message is of another time than its request; somebody replays signatures")
		return nil, nil, false
	}
	if in.originalID != "" && d.To != in.originalID {
		in.refuse(w, r, http.StatusForbidden, "the message is for another account than YILU_WECHAT_ORIGINAL_ID")
		return nil, nil, false
	}
	return d, k, true
}

// replayed is why a request is refused whose timestamp and nonce came before with something else.
const replayed = "another request came with this timestamp and nonce before; somebody replays signatures"

// decrypt opens the encrypted part of a delivery, or refuses it. All that is wrong within gets the same answer, so that
// it tells nobody what decryption came to.
func (in *inbound) decrypt(w http.ResponseWriter, r *http.Request, s stamp, signature string, body []byte) ([]byte, *key, bool) {
	var e envelope
	if err := unmarshal(body, &e); err != nil {
		in.refuse(w, r, http.StatusBadRequest, "the body is malformed")
		return nil, nil, false
	}
	if e.Encrypt == "" {
		in.refuse(w, r, http.StatusForbidden, "not encrypted, and the account has YILU_WECHAT_AES_KEY: forged, unless the console is set to plaintext mode; then set it to safe mode")
		return nil, nil, false
	}
	if !in.signed(signature, s.timestamp, s.nonce, e.Encrypt) {
		in.refuse(w, r, http.StatusForbidden, "the encrypted part is not signed with YILU_WECHAT_TOKEN; it must be the console's")
		return nil, nil, false
	}
	plain, k := in.open(e.Encrypt)
	if k == nil {
		in.refuse(w, r, http.StatusForbidden, "cannot be decrypted for this account; YILU_WECHAT_AES_KEY and YILU_WECHAT_APP_ID must be the console's")
		return nil, nil, false
	}
	return plain, k, true
}
