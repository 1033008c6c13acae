package cli

import (
	"net"
	"net/http"
	"net/netip"
)

// ownHosts refuses requests that were sent to another name than the server's own, when it listens on loopback only.
// A page in the user's browser may make its own domain point to 127.0.0.1, and would then be free to call the API.
func ownHosts(address net.Addr, next http.Handler) http.Handler {
	listening, err := netip.ParseAddrPort(address.String())
	if err != nil || !listening.Addr().IsLoopback() {
		return next // whoever opens it to a network has names for it that nobody here knows
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			http.Error(w, `{"status":"FORBIDDEN","message":"this server answers only as localhost"}`, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
