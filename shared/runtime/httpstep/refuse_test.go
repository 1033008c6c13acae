package httpstep

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
)

// attacks are URLs that lead inside, by every spelling known to us. INSIDE and OPEN are the ports of two servers.
var attacks = []string{
	// Plain addresses of what is not public.
	"http://127.0.0.1:INSIDE/", "http://localhost:INSIDE/", "http://LOCALHOST:INSIDE/", "http://127.1:INSIDE/", "http://127.0.1:INSIDE/",
	"http://0.0.0.0:INSIDE/", "http://0:INSIDE/", "http://127.255.255.254:INSIDE/", "http://10.0.0.1/", "http://172.16.0.1/",
	"http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials", "http://100.100.100.200/",
	"http://168.63.129.16/", "http://224.0.0.1/", "http://255.255.255.255/", "http://metadata.google.internal/", "http://localhost.localdomain:INSIDE/",
	// Numbers of other bases, and of fewer parts.
	"http://2130706433:INSIDE/", "http://017700000001:INSIDE/", "http://0x7f000001:INSIDE/", "http://0x7f.0x0.0x0.0x1:INSIDE/",
	"http://0177.0.0.1:INSIDE/", "http://0177.0000.0000.0001:INSIDE/", "http://0x7f.1:INSIDE/", "http://127.0.0.01:INSIDE/", "http://2852039166/",
	"http://0xa9fea9fe/", "http://0251.0376.0251.0376/", "http://425.510.425.510/",
	// IPv6, and what hides IPv4 in it.
	"http://[::1]:INSIDE/", "http://[0:0:0:0:0:0:0:1]:INSIDE/", "http://[::]:INSIDE/", "http://[::ffff:127.0.0.1]:INSIDE/",
	"http://[::ffff:7f00:1]:INSIDE/", "http://[0:0:0:0:0:ffff:127.0.0.1]:INSIDE/", "http://[::127.0.0.1]:INSIDE/", "http://[64:ff9b::127.0.0.1]:INSIDE/",
	"http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::7f00:1]/", "http://[2002:7f00:1::]:INSIDE/", "http://[2001:0:7f00:1::]/",
	"http://[fe80::1]/", "http://[fe80::1%25lo]:INSIDE/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[::ffff:169.254.169.254]/",
	// Credentials, and hosts that look like them.
	"http://user:secret@open.test:OPEN/", "http://open.test:OPEN@127.0.0.1:INSIDE/", "http://127.0.0.1:INSIDE@open.test:OPEN/",
	"http://open.test%40127.0.0.1:INSIDE/", "http://@open.test:OPEN/", "http://open.test:OPEN\\@127.0.0.1:INSIDE/",
	"http://open.test#@127.0.0.1:INSIDE/x", "http://127.0.0.1:INSIDE#@open.test:OPEN/", "http://127.0.0.1:INSIDE?@open.test:OPEN/",
	"http://127.0.0.1:INSIDE/@open.test:OPEN/", "http://:@open.test:OPEN/",
	// Names that are like a listed one.
	"http://sub.open.test:OPEN/", "http://open.test.evil.test:INSIDE/", "http://open.test.:OPEN/", "http://xopen.test:OPEN/", "http://opentest:OPEN/",
	"http://open。test:OPEN/", "http://ｏｐｅｎ.test:OPEN/", "http://①②⑦.⓪.⓪.①:INSIDE/", "http://open%2etest:OPEN/", "http://open.test%00.evil.test:OPEN/",
	// No HTTP at all, or lines that do not belong to a URL.
	"file:///etc/passwd", "gopher://open.test:OPEN/_GET", "ftp://open.test/", "dict://127.0.0.1:INSIDE/", "//open.test:OPEN/", "open.test:OPEN/",
	"http:open.test:OPEN/", "http:///open.test:OPEN/", "javascript:alert(1)", "data:text/plain,x", "unix:///var/run/docker.sock", "",
	"http://open.test:OPEN\r\nHost: 127.0.0.1/", "http://open.test:OPEN/\r\nX: y", "http://open.test:OPEN/\x00", "http://open.test\t:OPEN/",
	"http://open.test :OPEN/", "http://open.test:OPEN:INSIDE/", "http://open.test:99999999/", "http://[::1/", "http://%zz/",
}

// TestNoURLLeadsInside sends every attack with a list that opens one name only.
func TestNoURLLeadsInside(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	w := newWorld(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	w.names.at("open.test", openIP)
	s := w.step(t, "open.test")
	if len(attacks) < 60 {
		t.Fatalf("only %d attacks", len(attacks))
	}
	for _, attack := range attacks {
		url := strings.NewReplacer("INSIDE", port(w.inside), "OPEN", port(w.open)).Replace(attack)
		result := execute(t, s, call(map[string]any{"url": url}, ""))
		if strings.HasPrefix(attack, "http://open.test#") || strings.HasPrefix(attack, "http://open.test:99") {
			continue // a listed host after all: what counts is that nobody inside hears of it
		}
		if result.State != runtime.FatalError || len(result.Timeline) != 1 {
			t.Errorf("%q: state %d, timeline %v; want it refused", url, result.State, result.Timeline)
		}
		if len(result.Timeline) == 1 && strings.Contains(result.Timeline[0].Message, "secret") {
			t.Errorf("%q: the timeline repeats the credentials", url)
		}
	}
	if w.hits.Load() != 0 || asked.Load() != 0 {
		t.Errorf("the server inside was asked %d times, the open one %d times by a URL that is not its own", w.hits.Load(), asked.Load())
	}
}

// TestNoListedNameLeadsInside lists the name of every attack, and lets a name server answer with every kind of address:
// the list alone is not what protects us.
func TestNoListedNameLeadsInside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, http.NotFoundHandler())
	for i, ip := range []string{"127.0.0.1", "127.0.0.3", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
		"168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
		"64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001::1", "2001:db8::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "3fff::1",
		"203.0.113.9 127.0.0.1"} {
		name := fmt.Sprintf("n%d.test", i)
		w.names.at(name, ip)
		result := execute(t, w.step(t, name), call(map[string]any{"url": "http://" + name + ":" + port(w.inside) + "/"}, ""))
		if result.State != runtime.FatalError || !strings.Contains(result.Timeline[0].Message, "does not open") {
			t.Errorf("%s: state %d, timeline %v; want it refused at the connection", ip, result.State, result.Timeline)
		}
	}
	for _, name := range []string{"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1"} {
		w.names.at(name, insideIP)
		result := execute(t, w.step(t, name), call(map[string]any{"url": "http://" + name + ":" + port(w.inside) + "/"}, ""))
		if result.State == runtime.Done {
			t.Errorf("%s was reached", name)
		}
	}
	if w.hits.Load() != 0 {
		t.Errorf("the server inside was asked %d times", w.hits.Load())
	}
}

// TestANameThatChangesItsAnswer: the first answer is open, the next leads inside. Whatever is connected to is judged.
func TestANameThatChangesItsAnswer(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	w := newWorld(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(out, r, "http://rebind.test:"+r.Host[strings.LastIndex(r.Host, ":")+1:]+"/again", http.StatusFound)
	}))
	w.names.at("rebind.test", openIP, insideIP)
	s := w.step(t, "rebind.test")
	result := execute(t, s, call(map[string]any{"url": "http://rebind.test:" + port(w.open) + "/"}, ""))
	if result.State != runtime.FatalError || asked.Load() != 1 {
		t.Errorf("state %d after %d requests; want the second connection refused", result.State, asked.Load())
	}
	result = execute(t, s, call(map[string]any{"url": "http://rebind.test:" + port(w.inside) + "/"}, ""))
	if result.State != runtime.FatalError || w.hits.Load() != 0 {
		t.Errorf("state %d, %d requests inside", result.State, w.hits.Load())
	}
}

func TestNoRedirectLeadsInside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.open.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		to := strings.ReplaceAll(r.Header.Get("To"), "OPEN", port(w.open))
		out.Header().Set("Location", strings.ReplaceAll(to, "INSIDE", port(w.inside)))
		out.WriteHeader(http.StatusTemporaryRedirect)
	})
	w.names.at("open.test", openIP)
	w.names.at("inside.test", insideIP)
	s := w.step(t, "open.test", "inside.test")
	for _, to := range []string{"http://127.0.0.1:INSIDE/", "http://localhost:INSIDE/", "http://[::1]:INSIDE/", "http://inside.test:INSIDE/", "//127.0.0.1:INSIDE/",
		"http://user@open.test:OPEN/", "file:///etc/passwd", "gopher://open.test:OPEN/", "http://[::ffff:127.0.0.1]:INSIDE/", "http://169.254.169.254/",
		"http://open.test:OPEN/loop"} {
		fields := map[string]any{"url": "http://open.test:" + port(w.open) + "/", "method": "POST", "headers": map[string]any{"To": to}}
		if result := execute(t, s, call(fields, "")); result.State != runtime.FatalError {
			t.Errorf("%s: state %d, want it refused: %v", to, result.State, result.Timeline)
		}
	}
	if w.hits.Load() != 0 {
		t.Errorf("the server inside was asked %d times", w.hits.Load())
	}
}

func TestHeadersStayWithTheirHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := make(chan http.Header, 1)
	w.open.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "open.test") {
			http.Redirect(out, r, "http://other.test:"+port(w.open)+"/", http.StatusFound)
			return
		}
		got <- r.Header.Clone()
	})
	w.names.at("open.test", openIP)
	w.names.at("other.test", openIP)
	fields := map[string]any{"url": "http://open.test:" + port(w.open) + "/", "headers": map[string]any{"X-Api-Key": "k", "Authorization": "a", "X-Own": "o"}}
	if result := execute(t, w.step(t, "open.test", "other.test"), call(fields, "")); result.State != runtime.Done {
		t.Fatalf("state %d: %v", result.State, result.Timeline)
	}
	header := <-got
	for _, name := range []string{"X-Api-Key", "Authorization", "X-Own"} {
		if header.Get(name) != "" {
			t.Errorf("the header %s followed the redirect to another host", name)
		}
	}
}

func TestHeadersAndMethodsThatAreNotAStepsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, http.NotFoundHandler())
	w.names.at("open.test", openIP)
	s := w.step(t, "open.test")
	url := "http://open.test:" + port(w.open) + "/"
	for name, fields := range map[string]map[string]any{
		"host header":       {"url": url, "headers": map[string]any{"host": "127.0.0.1"}},
		"transfer encoding": {"url": url, "headers": map[string]any{"Transfer-Encoding": "chunked"}},
		"a header of two":   {"url": url, "headers": map[string]any{"X": "a\r\nY: b"}},
		"a name of two":     {"url": url, "headers": map[string]any{"X: a\r\nY": "b"}},
		"connect":           {"url": url, "method": "CONNECT"},
		"a method of two":   {"url": url, "method": "GET / HTTP/1.1\r\nX:"},
		"a number":          {"url": int64(7)},
		"no url":            {},
		"a long url":        {"url": url + strings.Repeat("x", maxURL)},
	} {
		if result := execute(t, s, call(fields, "")); result.State == runtime.Done || result.State == runtime.Continue {
			t.Errorf("%s: state %d", name, result.State)
		}
	}
}

// TestWhatIsPublic pins both sides of each border.
func TestWhatIsPublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"8.8.8.8": true, "9.255.255.255": true, "11.0.0.0": true, "100.63.255.255": true, "100.128.0.0": true,
		"172.15.255.255": true, "172.32.0.0": true, "192.167.255.255": true, "192.169.0.0": true, "223.255.255.255": true, "169.253.255.255": true,
		"2606:4700::1111": true, "2a00::1": true, "2001:4860::8888": true, "100.127.255.255": false, "172.31.255.255": false,
		"1fff::1": false, "4000::1": false, "2001:1ff::1": false, "2001:200::1": true} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("public(%s) = %t", text, got)
		}
	}
	if public(netip.Addr{}) || public(netip.MustParseAddr("2606::1%eth0")) {
		t.Error("an address without meaning is public")
	}
}

func TestParseAllowed(t *testing.T) {
	t.Parallel()
	a, err := ParseAllowed([]string{" Example.COM ", "api.test:8443", "10.0.0.7", "10.9.0.0/16", "", "[::1]:80"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		host, port string
		want       bool
	}{{"EXAMPLE.com", "1", true}, {"api.test", "8443", true}, {"api.test", "443", false}, {"10.0.0.7", "5", true}, {"10.9.0.1", "5", false},
		{"sub.example.com", "1", false}, {"", "80", false}, {"::1", "80", true}, {"::1", "81", false}} {
		if a.host(tt.host, tt.port) != tt.want {
			t.Errorf("host %s port %s: %t", tt.host, tt.port, !tt.want)
		}
	}
	if (Allowed{}).host("example.com", "80") {
		t.Error("the zero value allows something")
	}
	for _, bad := range []string{"http://x", "a/b", "*.example.com", "user@host", "a b", "x:y:z", ":80"} {
		if _, err := ParseAllowed([]string{bad}); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestTimeoutLeavesRoomForTheOutcome(t *testing.T) {
	t.Parallel()
	if Timeout > runtime.CallTimeout-time.Second || runtime.CallTimeout > 20*time.Second {
		t.Errorf("a call takes up to %v of %v", Timeout, runtime.CallTimeout)
	}
}
