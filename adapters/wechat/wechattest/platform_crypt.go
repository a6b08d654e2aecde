package wechattest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"slices"
	"strings"
)

// Passive is the answer to a delivery.
type Passive struct {
	To, From string
	Kind     string // "text"
	Content  string
	Created  string // CreateTime
	Success  bool   // nothing is said: the answer is "success", or empty
}

// Open reads an answer as WeChat would: where the account encrypts, it must be signed and encrypted for it.
func (a Account) Open(body []byte) (Passive, error) {
	if len(body) == 0 || string(body) == "success" {
		return Passive{Success: true}, nil
	}
	if a.Mode != Plain {
		var sealed struct {
			XMLName      xml.Name `xml:"xml"`
			Encrypt      string
			MsgSignature string
			TimeStamp    string
			Nonce        string
		}
		if err := xml.Unmarshal(body, &sealed); err != nil || sealed.Encrypt == "" || sealed.TimeStamp == "" || sealed.Nonce == "" {
			return Passive{}, errors.New("wechattest: the answer is not encrypted as the account asks")
		}
		if sealed.MsgSignature != sign(a.Token, sealed.TimeStamp, sealed.Nonce, sealed.Encrypt) {
			return Passive{}, errors.New("wechattest: the answer is not signed with the account's token")
		}
		var err error
		if body, err = a.open(sealed.Encrypt); err != nil {
			return Passive{}, err
		}
	}
	var answer struct {
		XMLName      xml.Name `xml:"xml"`
		ToUserName   string
		FromUserName string
		CreateTime   string
		MsgType      string
		Content      string
	}
	if err := xml.Unmarshal(body, &answer); err != nil || answer.ToUserName == "" || answer.FromUserName == "" || answer.MsgType == "" {
		return Passive{}, errors.New("wechattest: the answer is no message of WeChat's form")
	}
	if answer.MsgType == "text" && answer.Content == "" {
		return Passive{}, errors.New("wechattest: the answer is an empty text, which nobody can be shown")
	}
	return Passive{To: answer.ToUserName, From: answer.FromUserName, Kind: answer.MsgType, Content: answer.Content, Created: answer.CreateTime}, nil
}

// sign is the hex of SHA-1 over the sorted parts.
func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// block is the size to which a text is filled up before it is encrypted, twice that of AES.
const block = 32

// seal encrypts: 16 bytes that should be random, the length of the text in 4 bytes, the text, the AppID. Here the 16
// bytes come from the nonce and the text.
func (a Account) seal(nonce string, text []byte) string {
	seed := sha256.Sum256(append([]byte("wechattest"+nonce), text...))
	plain := append([]byte{}, seed[:16]...)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(text)))
	plain = append(append(plain, text...), a.AppID...)
	fill := block - len(plain)%block
	for range fill {
		plain = append(plain, byte(fill))
	}
	c, key, err := a.cipher()
	if err != nil {
		panic(err)
	}
	cipher.NewCBCEncrypter(c, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}

// open decrypts what seal makes, and checks every byte that can be checked.
func (a Account) open(sealed string) ([]byte, error) {
	c, key, err := a.cipher()
	if err != nil {
		return nil, err
	}
	plain, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(plain) == 0 || len(plain)%block != 0 {
		return nil, errors.New("wechattest: the encrypted part is no base64 of whole blocks")
	}
	cipher.NewCBCDecrypter(c, key[:16]).CryptBlocks(plain, plain)
	fill := int(plain[len(plain)-1])
	if fill < 1 || fill > block || fill > len(plain) {
		return nil, errors.New("wechattest: the encrypted part does not end as it must; another key?")
	}
	for _, b := range plain[len(plain)-fill:] {
		if int(b) != fill {
			return nil, errors.New("wechattest: the encrypted part does not end as it must")
		}
	}
	plain = plain[:len(plain)-fill]
	if len(plain) < 20 || int64(binary.BigEndian.Uint32(plain[16:20])) > int64(len(plain)-20) {
		return nil, errors.New("wechattest: the encrypted part is shorter than it says")
	}
	end := 20 + int(binary.BigEndian.Uint32(plain[16:20]))
	if string(plain[end:]) != a.AppID {
		return nil, errors.New("wechattest: the encrypted part is for another account")
	}
	return plain[20:end], nil
}

func (a Account) cipher() (cipher.Block, []byte, error) {
	key, err := base64.StdEncoding.DecodeString(a.AESKey + "=")
	if err != nil || len(key) != 32 {
		return nil, nil, errors.New("wechattest: AESKey is no key of 43 characters")
	}
	c, err := aes.NewCipher(key)
	return c, key, err
}

// Sign is the account's signature over the parts, for tests that forge what it signs.
func (a Account) Sign(parts ...string) string { return sign(append(slices.Clone(parts), a.Token)...) }
