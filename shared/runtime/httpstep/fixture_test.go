package httpstep

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// inside is a server on this machine that no step may reach; open is one that the tests list by its address.
type world struct {
	inside, open *httptest.Server
	hits         atomic.Int64 // of inside
	names        *names
}

const (
	insideIP = "127.0.0.1"
	openIP   = "127.0.0.2"
)

func newWorld(t *testing.T, handler http.Handler) *world {
	t.Helper()
	w := &world{names: newNames(t)}
	w.inside = serve(t, insideIP, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { w.hits.Add(1) }))
	w.open = serve(t, openIP, handler)
	return w
}

func serve(t *testing.T, ip string, handler http.Handler) *httptest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", ip+":0")
	if err != nil {
		t.Skipf("skipped: this machine does not listen on %s: %v", ip, err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func port(server *httptest.Server) string {
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	return port
}

// step is a runtime that may call the hosts, and connect to what is public or openIP.
func (w *world) step(t *testing.T, hosts ...string) *Step {
	t.Helper()
	allowed, err := ParseAllowed(append(hosts, openIP+"/32"))
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Allowed: allowed, Resolver: w.names.resolver})
}

// call makes the call of an attempt whose http param has the fields.
func call(fields map[string]any, stateExpr string) runtime.Call {
	params := &workflow.Params{}
	set := func(name string, kind workflow.ParamType, value any) {
		params.Set(name, &workflow.Param{Type: kind, Evaluated: true, Result: value})
	}
	set("http", workflow.Map, fields)
	if stateExpr == "" {
		stateExpr = `status_code >= 200 && status_code < 300 ? "DONE" : (status_code >= 400 && status_code < 500 ? "FATAL_ERROR" : "USER_ERROR")`
	}
	set("state_expr", workflow.String, stateExpr)
	return runtime.Call{UUID: "11111111-2222-3333-4444-555555555555", Params: params, Now: time.Unix(1_700_000_000, 0)}
}

func execute(t *testing.T, s *Step, c runtime.Call) runtime.Result {
	t.Helper()
	result, err := s.Execute(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// names is a name server whose answers may change between two questions.
type names struct {
	resolver *net.Resolver

	mu      sync.Mutex
	answers map[string][][]netip.Addr // by name: one list for each time it is asked, the last for ever
}

// at sets the answers of a name, one for each time it is asked for an IPv4 address.
func (n *names) at(name string, answers ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, texts := range answers {
		var list []netip.Addr
		for text := range strings.SplitSeq(texts, " ") {
			list = append(list, netip.MustParseAddr(text))
		}
		n.answers[name] = append(n.answers[name], list)
	}
}

func newNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{answers: map[string][][]netip.Addr{}}
	n.resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(n.answer(buffer[:size]), from)
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-ended })
	return n
}

const (
	typeA    = 1
	typeAAAA = 28
)

// answer answers a question with one name.
func (n *names) answer(question []byte) []byte {
	var labels []string
	at := 12
	for at < len(question) && question[at] != 0 {
		size := int(question[at])
		labels = append(labels, string(question[at+1:at+1+size]))
		at += size + 1
	}
	at++
	kind := binary.BigEndian.Uint16(question[at:])
	end := at + 4
	found := n.find(strings.ToLower(strings.Join(labels, ".")), kind)
	out := append([]byte{}, question[:end]...)
	binary.BigEndian.PutUint16(out[2:], 0x8580) // an answer, with authority
	binary.BigEndian.PutUint16(out[6:], uint16(len(found)))
	binary.BigEndian.PutUint16(out[8:], 0)
	binary.BigEndian.PutUint16(out[10:], 0)
	for _, ip := range found {
		out = append(out, 0xc0, 12)
		out = binary.BigEndian.AppendUint16(out, kind)
		out = append(out, 0, 1, 0, 0, 0, 0) // class, and no time to live
		out = binary.BigEndian.AppendUint16(out, uint16(len(ip.AsSlice())))
		out = append(out, ip.AsSlice()...)
	}
	return out
}

func (n *names) find(name string, kind uint16) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	lists := n.answers[name]
	if len(lists) == 0 {
		return nil
	}
	var out []netip.Addr
	for _, ip := range lists[0] {
		if ip.Is4() == (kind == typeA) && (kind == typeA || kind == typeAAAA) {
			out = append(out, ip)
		}
	}
	if len(lists) > 1 && kind == typeA {
		n.answers[name] = lists[1:]
	}
	return out
}
