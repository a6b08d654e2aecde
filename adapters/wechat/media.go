package wechat

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"yilu/bot"
)

const (
	mediaRef     = "media:"
	mediaTimeout = 2 * time.Minute // for one file, from the request to its last byte
	opFetch      = "fetch file"
)

var mediaIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// Fetch opens a file that a message named, by its ref "media:<MediaId>" (media/get). The platform keeps it for three
// days. Fetch sets no limit to its size; whoever reads it does, and knows best what to say of one that is too large.
// NotFound says that the platform has it no more, Invalid that the ref is none, Unavailable that it may be had later. The
// file has to begin within ten seconds and to end within two minutes, and before ctx does.
func (c *Client) Fetch(ctx context.Context, ref string) (bot.Media, error) {
	id, ok := strings.CutPrefix(ref, mediaRef)
	if !ok || !mediaIDs.MatchString(id) {
		return bot.Media{}, invalid(opFetch, "ref", "is not of the form media:<MediaId>")
	}
	ctx, end := context.WithTimeout(ctx, mediaTimeout)
	ctx, giveUp := context.WithCancelCause(ctx)
	cancel := func() { giveUp(nil); end() }
	patience := time.AfterFunc(callTimeout, func() { giveUp(context.DeadlineExceeded) })
	defer patience.Stop()
	r := request{path: "media/get", query: url.Values{"media_id": {id}}, repeat: harmless, bare: true}
	found, err := withToken(ctx, c, func(token string) (found, *bot.SendError) { return c.media(ctx, r, token) })
	if err == nil && found.video != "" {
		found.resp, err = c.video(ctx, found.video)
	}
	if err != nil {
		cancel()
		return bot.Media{}, mediaFault(err)
	}
	resp := found.resp
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return bot.Media{Body: &transfer{body: resp.Body, cancel: cancel}, Type: kind, Size: resp.ContentLength}, nil
}

// found is a file, or where the platform says that a video is.
type found struct {
	resp  *http.Response
	video string
}

// media asks for a file once. What comes back as JSON is an error or the place of a video: no file that people send
// begins like that.
func (c *Client) media(ctx context.Context, r request, token string) (found, *bot.SendError) {
	resp, fault := c.send(ctx, r, token)
	if fault != nil {
		return found{}, fault
	}
	body := bufio.NewReader(resp.Body)
	first, err := body.Peek(1)
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	says := kind == "application/json" || strings.HasPrefix(kind, "text/")
	if resp.StatusCode == http.StatusOK && err == nil && first[0] != '{' && !says {
		resp.Body = readCloser{body, resp.Body}
		return found{resp: resp}, nil
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	var answer struct {
		Video string `json:"video_url"`
	}
	if fault := c.read(r, resp, raw, err, &answer); fault != nil {
		return found{}, fault
	}
	if answer.Video == "" {
		return found{}, r.unknown(0, "the answer is no file")
	}
	return found{video: answer.Video}, nil
}

// videoHosts are where the platform keeps videos: its own domain, and those of the same company from which WeChat serves
// pictures and videos. Nobody else can have a host below these.
var videoHosts = []string{".weixin.qq.com", ".qpic.cn", ".tc.qq.com"}

// video opens a video where the platform says that it is. No token goes there, and nothing goes there in the clear:
// what the platform names with http is asked for with https. A place that is not known is not gone to; nobody has seen
// all of them, so the file counts as one that may be had later, and the log names the host.
func (c *Client) video(ctx context.Context, place string) (*http.Response, error) {
	u, err := url.Parse(place)
	if err != nil {
		return nil, c.stranger(ctx, "", "is no address")
	}
	if u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, c.stranger(ctx, u.Host, "is no address of the web")
	}
	if u.Host != c.api.Host || u.Scheme != c.api.Scheme {
		known := false
		for _, end := range videoHosts {
			known = known || strings.HasSuffix("."+strings.ToLower(u.Hostname()), end)
		}
		if !known || u.Port() != "" && u.Port() != "80" && u.Port() != "443" {
			return nil, c.stranger(ctx, u.Host, "leads to a host that is not known to keep WeChat's videos")
		}
		u.Scheme, u.Host = "https", u.Hostname()
	}
	r := request{path: "media/get video_url", repeat: harmless}
	var reached reach
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, reached.trace()), http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, c.stranger(ctx, "", "is no address")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, r.broken(ctx, err, &reached)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, c.status(r, resp)
	}
	return resp, nil
}

// mediaFault says what a failure means for whoever wants the file.
func mediaFault(err error) error {
	var fault *bot.SendError
	switch {
	case !errors.As(err, &fault):
		return err
	case fault.Code == 40007:
		return &bot.Error{Code: bot.NotFound, Op: opFetch, Err: fault}
	}
	return &bot.Error{Code: bot.Unavailable, Op: opFetch, Err: fault}
}

// strangers are the hosts at which a video was said to be and that are not known.
type strangers struct {
	mu   sync.Mutex
	told map[string]bool
}

// maxStrangers is how many hosts are told of.
const maxStrangers = 20

// stranger is the failure of a video's place, and tells of its host once.
func (c *Client) stranger(ctx context.Context, host, say string) error {
	host = host[:min(len(host), 255)]
	c.strange.mu.Lock()
	defer c.strange.mu.Unlock()
	if !c.strange.told[host] && len(c.strange.told) < maxStrangers {
		if c.strange.told == nil {
			c.strange.told = map[string]bool{}
		}
		c.strange.told[host] = true
		c.log.ErrorContext(ctx, "wechat: a video is not fetched, for its place is not known as WeChat's; if it is, it is missing in videoHosts", "host", host)
	}
	return &bot.Error{Code: bot.Unavailable, Op: opFetch, Field: "video_url", Say: say}
}

type readCloser struct {
	io.Reader
	io.Closer
}

// transfer is the body of a file on its way.
type transfer struct {
	body   io.ReadCloser
	cancel context.CancelFunc
}

// Read hides what a failed read quotes.
func (t *transfer) Read(p []byte) (int, error) {
	n, err := t.body.Read(p)
	if err != nil && err != io.EOF {
		err = &bot.Error{Code: bot.Unavailable, Op: opFetch, Say: "the file broke off"}
	}
	return n, err
}

// Close ends the transfer, whether all of it was read or not.
func (t *transfer) Close() error {
	t.cancel()
	return t.body.Close()
}
