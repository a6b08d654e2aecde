package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"
	"github.com/silenceper/wechat/v2/util"

	"yilu/adapters/wechat"
	"yilu/bot"
)

// floor is the least that a chat service on Redis can be: it decodes the update, reads the person's session, writes one
// of the same size, and answers with a text of the same size as Yilu's. It keeps no promise: what comes twice is done
// twice, two messages at once lose one of the writes, and nothing is understood.
type floor struct {
	store interface { // a client, or the face of one that batches
		Get(ctx context.Context, key string) *redis.StringCmd
		Set(ctx context.Context, key string, value any, expiration time.Duration) *redis.StatusCmd
	}
	value []byte
	text  string // of the answer
	key   []byte // of WeChat's safe mode
}

// The limits of Yilu's own server, see bot/app: all servers have the same.
const (
	readHeader = 5 * time.Second
	answerIn   = 30 * time.Second
	idleFor    = 2 * time.Minute
	mostHeader = 32 << 10
)

// serveFloor serves until the context ends.
func serveFloor(ctx context.Context, r role, ready func(addr string)) error {
	opts, err := redis.ParseURL(r.Redis)
	if err != nil {
		return bot.Errorf(bot.Invalid, "open redis", "its address is none")
	}
	opts.ContextTimeoutEnabled = true
	if r.Pool > 0 {
		opts.PoolSize = r.Pool
	}
	client := redis.NewClient(opts)
	defer client.Close()
	f := &floor{store: client, value: []byte(strings.Repeat("v", r.Value)), text: strings.Repeat("t", r.Reply)}
	if r.Kind == floorBatched {
		batched, err := client.AutoPipeline()
		if err != nil {
			return bot.Errorf(bot.Internal, "open redis", "%w", err)
		}
		f.store = batched
	}
	if f.key, err = base64.StdEncoding.DecodeString(account.AESKey + "="); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+telegramPath, f.telegram)
	mux.HandleFunc("POST "+wechat.Route, f.wechat)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: readHeader, ReadTimeout: answerIn, WriteTimeout: answerIn, IdleTimeout: idleFor, MaxHeaderBytes: mostHeader}
	go func() { _ = server.Serve(l) }()
	ready(l.Addr().String())
	<-ctx.Done()
	return server.Close()
}

// turn is the read and the write.
func (f *floor) turn(ctx context.Context, key string) error {
	if err := f.store.Get(ctx, key).Err(); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	return f.store.Set(ctx, key, f.value, 0).Err()
}

func (f *floor) telegram(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != telegramSecret {
		http.Error(w, "forbidden", http.StatusUnauthorized)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "unread", http.StatusBadRequest)
		return
	}
	var u models.Update
	if err := json.Unmarshal(raw, &u); err != nil || u.Message == nil {
		http.Error(w, "unread", http.StatusBadRequest)
		return
	}
	if err := f.turn(r.Context(), "session:"+strconv.FormatInt(u.Message.Chat.ID, 10)); err != nil {
		http.Error(w, "unkept", http.StatusServiceUnavailable)
		return
	}
	body, err := json.Marshal(struct {
		Method string `json:"method"`
		Chat   int64  `json:"chat_id"`
		Text   string `json:"text"`
	}{"sendMessage", u.Message.Chat.ID, f.text})
	if err != nil {
		http.Error(w, "unanswered", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// said is what the floor reads of a delivery of WeChat's.
type said struct {
	XMLName xml.Name `xml:"xml"`
	To      string   `xml:"ToUserName"`
	From    string   `xml:"FromUserName"`
	Time    string   `xml:"CreateTime"`
	Kind    string   `xml:"MsgType"`
	ID      string   `xml:"MsgId"`
	Content string   `xml:"Content"`
	Encrypt string   `xml:"Encrypt"`
}

func (f *floor) wechat(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	timestamp, nonce := q.Get("timestamp"), q.Get("nonce")
	if q.Get("signature") != util.Signature(account.Token, timestamp, nonce) {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "unread", http.StatusBadRequest)
		return
	}
	var m said
	if err := xml.Unmarshal(raw, &m); err != nil {
		http.Error(w, "unread", http.StatusBadRequest)
		return
	}
	safe := m.Encrypt != ""
	if safe {
		if q.Get("msg_signature") != util.Signature(account.Token, timestamp, nonce, m.Encrypt) {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		sealed, err := base64.StdEncoding.DecodeString(m.Encrypt)
		if err == nil {
			_, raw, _, err = util.AESDecryptMsg(sealed, f.key)
		}
		if err == nil {
			err = xml.Unmarshal(raw, &m)
		}
		if err != nil {
			http.Error(w, "unread", http.StatusBadRequest)
			return
		}
	}
	if err := f.turn(r.Context(), "session:"+m.From); err != nil {
		http.Error(w, "unkept", http.StatusServiceUnavailable)
		return
	}
	body := "<xml><ToUserName><![CDATA[" + m.From + "]]></ToUserName><FromUserName><![CDATA[" + m.To + "]]></FromUserName><CreateTime>" +
		m.Time + "</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[" + f.text + "]]></Content></xml>"
	if safe {
		sealed := base64.StdEncoding.EncodeToString(util.AESEncryptMsg([]byte("bench-floor-0000"), []byte(body), account.AppID, f.key))
		body = "<xml><Encrypt><![CDATA[" + sealed + "]]></Encrypt><MsgSignature><![CDATA[" + util.Signature(account.Token, timestamp, nonce, sealed) +
			"]]></MsgSignature><TimeStamp>" + timestamp + "</TimeStamp><Nonce><![CDATA[" + nonce + "]]></Nonce></xml>"
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = io.WriteString(w, body)
}
