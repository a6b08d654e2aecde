package telegram

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"yilu/bot"
)

const (
	refPrefix = "file:"
	maxFile   = 20 << 20         // what Telegram lets a bot fetch, in bytes
	beginIn   = 10 * time.Second // for the first byte of a file, from the first request on
	fileIn    = 2 * time.Minute  // for the last
)

// fetch opens the file of a Ref. The link that Telegram gives holds the token and is good for an hour, so it is asked
// for each time and shown to nobody. The file has to begin within beginIn and to end within fileIn, and before ctx does:
// while a file hangs, those behind it wait.
func (a *api) fetch(ctx context.Context, ref string) (bot.Media, error) {
	ctx, cancel := context.WithTimeout(ctx, fileIn)
	patience := time.AfterFunc(beginIn, cancel)
	defer patience.Stop()
	media, err := a.open(ctx, ref)
	if err != nil {
		cancel()
		return bot.Media{}, err
	}
	body := bufio.NewReader(media.Body)
	if _, err := body.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		cancel()
		_ = media.Body.Close()
		return bot.Media{}, err
	}
	media.Body = &opened{body, media.Body, cancel}
	return media, nil
}

// opened is a file that has begun.
type opened struct {
	io.Reader
	body   io.Closer
	cancel context.CancelFunc
}

// Close ends the download.
func (o *opened) Close() error {
	o.cancel()
	return o.body.Close()
}

// open asks where a file is, and for it.
func (a *api) open(ctx context.Context, ref string) (bot.Media, error) {
	id, ok := strings.CutPrefix(ref, refPrefix)
	if !ok || id == "" {
		return bot.Media{}, lost(bot.Invalid, "is no file of Telegram")
	}
	file, err := a.file(ctx, id)
	if err != nil {
		return bot.Media{}, err
	}
	if file.FileSize > maxFile {
		return bot.Media{}, lost(bot.Invalid, "is over 20 MiB")
	}
	link, ok := a.link(file.FilePath)
	if !ok {
		return bot.Media{}, lost(bot.Unavailable, "Telegram gave no link")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return bot.Media{}, lost(bot.Unavailable, "Telegram gave no link")
	}
	res, err := a.http.Do(r)
	if err != nil {
		return bot.Media{}, lost(bot.Unavailable, "Telegram could not be reached")
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return bot.Media{}, lost(bot.Unavailable, "Telegram did not give it: "+http.StatusText(res.StatusCode))
	}
	if res.ContentLength > maxFile {
		_ = res.Body.Close()
		return bot.Media{}, lost(bot.Invalid, "is over 20 MiB")
	}
	return bot.Media{Body: &limited{body: res.Body, left: maxFile}, Type: oneLine(res.Header.Get("Content-Type")), Size: res.ContentLength}, nil
}

// file asks where a file is. An id that Telegram does not know is lost for good; the refusal that also speaks of a file
// not there for now is not taken for that.
func (a *api) file(ctx context.Context, id string) (*models.File, error) {
	var file *models.File
	err := a.call(ctx, "getFile", func(ctx context.Context) (err error) {
		file, err = a.sdk.GetFile(ctx, &tg.GetFileParams{FileID: id})
		return err
	})
	if err == nil {
		return file, nil
	}
	var e *bot.SendError
	if !errors.As(err, &e) || e.Code != http.StatusBadRequest || strings.Contains(e.Say, "temporarily unavailable") {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "fetch telegram file", Err: err} // a SendError holds no secret
	}
	if strings.Contains(e.Say, "too big") {
		return nil, lost(bot.Invalid, "is over 20 MiB")
	}
	return nil, lost(bot.NotFound, "Telegram does not know it any more")
}

// link is where a file can be fetched.
func (a *api) link(path string) (string, bool) {
	if path == "" {
		return "", false
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if p == "" || p == "." || p == ".." {
			return "", false
		}
		parts[i] = url.PathEscape(p)
	}
	return a.base + "/file/bot" + a.token + "/" + strings.Join(parts, "/"), true
}

func lost(code bot.Code, say string) *bot.Error {
	return &bot.Error{Code: code, Op: "fetch telegram file", Say: say}
}

// limited reads a body up to a number of bytes, and fails where it goes on.
type limited struct {
	body io.ReadCloser
	left int64
}

// Read never gives more than what is left.
func (l *limited) Read(b []byte) (int, error) {
	if int64(len(b)) > l.left+1 {
		b = b[:l.left+1]
	}
	n, err := l.body.Read(b)
	if int64(n) > l.left {
		n = int(l.left)
		l.left = 0
		return n, lost(bot.Invalid, "is over 20 MiB")
	}
	l.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, lost(bot.Unavailable, "the connection broke off")
	}
	return n, err
}

// Close ends the download.
func (l *limited) Close() error { return l.body.Close() }

// recogniseIn is how long a worker waits for a recording to be understood.
const recogniseIn = 8 * time.Second

// recognise adds what a recording says to its message. Without a Recogniser, or where it fails or hears nothing, the
// message stays a recording for staff to listen to.
func (c *channel) recognise(ctx context.Context, m *bot.Message) {
	if c.recogniser == nil || m.Text != "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recogniseIn)
	defer cancel()
	text, err := c.listen(ctx, m)
	if err != nil {
		c.host.Log().WarnContext(ctx, "telegram: a recording was not understood", "code", string(bot.CodeOf(err)))
		return
	}
	text = bot.Clean(text)
	if n := len([]rune(text)); n > 0 && n <= bot.MaxText {
		m.Text, m.Heard = text, true
	}
}

// listen fetches the recording and gives it to the Recogniser, which may be anybody's: a panic of it is an error.
func (c *channel) listen(ctx context.Context, m *bot.Message) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.logPanic(ctx, p)
			err = errPanicked
		}
	}()
	recording, err := c.api.fetch(ctx, m.Files[0].Ref)
	if err != nil {
		return "", err
	}
	defer func() { _ = recording.Body.Close() }()
	return c.recogniser.Recognise(ctx, recording, m.Lang)
}
