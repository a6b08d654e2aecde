package storetest

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"time"

	"yilu/bot"
)

// quiet is how long a server must have said nothing before its reply counts as whole, and as lost.
const quiet = 30 * time.Millisecond

// Proxy stands between a client and a server on the loopback and does what networks do. It takes one piece of what a
// client sends for one request, which is so while a client waits for each reply.
type Proxy struct {
	target   string
	listener net.Listener
	wg       sync.WaitGroup

	mu      sync.Mutex
	pairs   map[*pair]struct{}
	closed  bool
	refuse  bool
	delay   time.Duration
	swallow int
	word    []byte // only replies to requests that hold it
	lost    int
}

// pair is one connection, with its other half.
type pair struct {
	client, server net.Conn
	mute           chan struct{} // closed when nothing more may reach the client
	gone           chan struct{} // closed with the connections
	once           sync.Once
}

// NewProxy listens on a free port.
func NewProxy(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "start proxy", Err: err}
	}
	p := &Proxy{target: target, listener: l, pairs: map[*pair]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where a client connects instead.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Cut closes all connections; new ones are welcome.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		c.close()
	}
}

// Refuse closes every new connection at once while it is on. Those that stand are left alone.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = on
}

// Delay holds up each request for so long. Requests that are held up already stay so.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// SwallowReplies lets the next n requests reach the server and closes the connection when it has replied, without the
// reply. 0 ends it.
func (p *Proxy) SwallowReplies(n int) { p.SwallowRepliesTo(n, "") }

// SwallowRepliesTo is SwallowReplies for the requests that hold the word, in small or large letters.
func (p *Proxy) SwallowRepliesTo(n int, word string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallow, p.word = n, bytes.ToLower([]byte(word))
}

// Swallowed is how many replies have been lost so far.
func (p *Proxy) Swallowed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// Close ends the proxy and its connections, and waits.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.listener.Close()
	p.Cut()
	p.wg.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return &bot.Error{Code: bot.Unavailable, Op: "close proxy", Err: err}
	}
	return nil
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	p.mu.Lock()
	refuse := p.refuse || p.closed
	p.mu.Unlock()
	if refuse {
		_ = client.Close()
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	c := &pair{client: client, server: server, mute: make(chan struct{}), gone: make(chan struct{})}
	p.mu.Lock()
	p.pairs[c] = struct{}{}
	if p.closed {
		c.close()
	}
	p.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { p.requests(c) })
	wg.Go(func() { p.replies(c) })
	wg.Wait()
	p.mu.Lock()
	delete(p.pairs, c)
	p.mu.Unlock()
}

func (c *pair) close() {
	c.once.Do(func() {
		close(c.gone)
		_ = c.client.Close()
		_ = c.server.Close()
	})
}

// held is a piece on its way; it may go on when the timer says so.
type held struct {
	data []byte
	due  <-chan time.Time
}

// requests carries what the client sends, each piece no sooner than its delay.
func (p *Proxy) requests(c *pair) {
	line, broken := make(chan held, 1024), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(broken)
		muted := false
		for h := range line {
			if h.due != nil {
				select {
				case <-h.due:
				case <-c.gone:
					return
				}
			}
			if !muted && p.marks(h.data) {
				// From here on the client hears nothing more; the server still gets the whole request.
				muted = true
				close(c.mute)
			}
			if _, err := c.server.Write(h.data); err != nil {
				return
			}
		}
		if half, ok := c.server.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := c.client.Read(buf)
		if n > 0 {
			h := held{data: bytes.Clone(buf[:n])}
			p.mu.Lock()
			if p.delay > 0 {
				h.due = time.After(p.delay)
			}
			p.mu.Unlock()
			select {
			case line <- h:
			case <-broken:
			}
		}
		if err != nil {
			break
		}
	}
	close(line)
	wg.Wait()
}

// marks tells whether the reply to a request is one to be lost, and counts it.
func (p *Proxy) marks(request []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.swallow <= 0 || !bytes.Contains(bytes.ToLower(request), p.word) {
		return false
	}
	p.swallow--
	p.lost++
	return true
}

// replies carries what the server says, until it is to be lost: then it is read to its end and the connection closed.
func (p *Proxy) replies(c *pair) {
	defer c.close()
	buf := make([]byte, 64<<10)
	for {
		n, err := c.server.Read(buf)
		select {
		case <-c.mute:
			for end := time.AfterFunc(quiet, c.close); err == nil; end.Reset(quiet) {
				_, err = c.server.Read(buf)
			}
			return
		default:
		}
		if n > 0 {
			if _, werr := c.client.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
