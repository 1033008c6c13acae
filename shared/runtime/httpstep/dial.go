package httpstep

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Time-outs. One call is one request with all its redirects.
const (
	Timeout     = 18 * time.Second // of a whole call; with what is written after it within runtime.CallTimeout
	connectTime = 5 * time.Second
	secureTime  = 5 * time.Second
)

// Limits of a request and of its response.
const (
	MaxResponse  = 1 << 20 // bytes of a body, after decompression
	maxHeaders   = 64 << 10
	maxRedirects = 5
	maxURL       = 8 << 10
)

// refusal is a request that the deployment does not allow, or that is none.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func refuse(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// check refuses a URL that no request may be sent to. It never repeats more of the URL than its host.
func (a Allowed) check(u *url.URL) error {
	if !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https") {
		return refuse("the URL must begin with http:// or https://")
	}
	if u.User != nil || strings.Contains(u.Host, "@") {
		return refuse("the URL carries credentials; put them into a header")
	}
	host, port := u.Hostname(), u.Port()
	if u.Opaque != "" || host == "" {
		return refuse("the URL names no host")
	}
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[strings.EqualFold(u.Scheme, "https")]
	}
	if !a.host(host, port) {
		return refuse("the host %q is not one that this deployment lets Http steps call", host)
	}
	return nil
}

// parse reads the URL of a step.
func (a Allowed) parse(text string) (*url.URL, error) {
	if len(text) > maxURL {
		return nil, refuse("the URL has %d bytes; the limit is %d", len(text), maxURL)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, refuse("the URL cannot be read")
	}
	return u, a.check(u)
}

// newClient returns the client of all steps. Connections are not kept: a function may be frozen between two calls, and
// then its idle connections are dead without knowing it.
func newClient(allowed Allowed, resolver *net.Resolver, trust *tls.Config) *http.Client {
	dialer := guarded{allowed, resolver}
	return &http.Client{
		Timeout: Timeout,
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would connect where we cannot look
			DialContext:            dialer.dial,
			TLSClientConfig:        trust,
			TLSHandshakeTimeout:    secureTime,
			ForceAttemptHTTP2:      true,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxHeaders,
		},
		CheckRedirect: allowed.redirect,
	}
}

// redirect judges where a server sends us. Headers of the step stay with the host that they were meant for.
func (a Allowed) redirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return refuse("the server redirects more than %d times", maxRedirects)
	}
	if err := a.check(next.URL); err != nil {
		return err
	}
	first := via[0].URL
	if strings.EqualFold(first.Scheme, "https") && !strings.EqualFold(next.URL.Scheme, "https") {
		return refuse("the server redirects from https to http")
	}
	if !strings.EqualFold(first.Host, next.URL.Host) {
		next.Header = http.Header{"Accept": next.Header.Values("Accept"), "Content-Type": next.Header.Values("Content-Type")}
	}
	return nil
}

// guarded makes connections, and refuses each to an address that is not open.
type guarded struct {
	allowed  Allowed
	resolver *net.Resolver
}

// dial connects to an address of the form host:port. The address that is judged is the one that the system is about to
// connect to: nothing can answer differently between the look and the connection.
func (g guarded) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, refuse("the URL names no host")
	}
	dialer := net.Dialer{
		Timeout: connectTime, Resolver: g.resolver,
		Control: func(network, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !strings.HasPrefix(network, "tcp") {
				return refuse("the host %q leads to no address that can be judged", host)
			}
			if !g.allowed.address(host, to.Addr()) {
				return refuse("the host %q leads to an address that this deployment does not open to Http steps", host)
			}
			return nil
		},
	}
	return dialer.DialContext(ctx, network, address)
}

// reason says why a call failed, without the URL, whose query may hold a secret.
func reason(err error) string {
	call := (*url.Error)(nil)
	if errors.As(err, &call) {
		if call.Timeout() {
			return "the request timed out"
		}
		err = call.Err
	}
	name := (*net.DNSError)(nil)
	if errors.As(err, &name) {
		return "the name of the host cannot be resolved"
	}
	op := (*net.OpError)(nil)
	if errors.As(err, &op) {
		return "the connection failed: " + op.Err.Error()
	}
	return "the request failed before it was answered"
}
