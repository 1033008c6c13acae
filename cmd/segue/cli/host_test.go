package cli

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestALocalServerAnswersOnlyAsLocalhost(t *testing.T) {
	t.Parallel()
	loopback, network := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 8080}
	for _, tt := range []struct {
		listening net.Addr
		host      string
		want      int
	}{
		{loopback, "127.0.0.1:8080", http.StatusOK},
		{loopback, "localhost:8080", http.StatusOK},
		{loopback, "localhost", http.StatusOK},
		{loopback, "[::1]:8080", http.StatusOK},
		{loopback, "evil.example:8080", http.StatusForbidden},
		{loopback, "localhost.evil.example", http.StatusForbidden},
		{loopback, "10.0.0.7", http.StatusForbidden},
		{network, "segue.example", http.StatusOK},
	} {
		request := httptest.NewRequest(http.MethodGet, "/api/v3/healthz", nil)
		request.Host = tt.host
		answer := httptest.NewRecorder()
		ownHosts(tt.listening, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(answer, request)
		if answer.Code != tt.want {
			t.Errorf("listening on %s, asked as %s: %d, want %d", tt.listening, tt.host, answer.Code, tt.want)
		}
	}
}
