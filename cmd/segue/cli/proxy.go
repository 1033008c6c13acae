package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/cloud"
)

func (s *session) proxyCommand() *cobra.Command {
	address := ""
	command := &cobra.Command{
		Use: "proxy", Short: "Serve a deployment on this machine for clients that cannot sign", Args: cobra.NoArgs,
		Long: `Proxy listens on this machine and hands every request on to the deployment of --stage, signed with your AWS
credentials: so clients that were made for Maestro work unchanged. Whoever reaches it acts in your name, so it
listens on loopback only. It drops the user header that such clients send: on AWS you are who signed.`,
		Example: `  segue proxy --stage prod
  segue proxy --stage prod --addr 127.0.0.1:9090`,
		RunE: act(func(ctx context.Context, _ []string) error { return s.proxy(ctx, address) }),
	}
	command.Flags().StringVar(&address, "addr", defaultAddress, "address to listen on, of this machine")
	return command
}

func (s *session) proxy(ctx context.Context, address string) error {
	if s.transport == nil {
		return usageError{"proxy needs --stage: a server of another kind wants no signature"}
	}
	if host, err := netip.ParseAddrPort(address); err != nil || !host.Addr().IsLoopback() {
		return usageError{fmt.Sprintf("--addr %s is no loopback address: whoever reaches the proxy acts in your name; want one such as %s", address, defaultAddress)}
	}
	target, err := url.Parse(s.address)
	if err != nil {
		return err
	}
	listener, err := listen("--addr", address, defaultAddress)
	if err != nil {
		return err
	}
	s.say("%s is served on http://%s. Stop it with Ctrl-C.", s.address, listener.Addr())
	return serve(ctx, listener, signing(listener.Addr(), target, s.transport))
}

// signing hands requests on. Pages in the user's browser may not use it: neither under a name of their own, nor by
// sending a form.
func signing(listening net.Addr, target *url.URL, transport http.RoundTripper) http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("User")
			r.Out.Header.Del("Authorization") // replaced by the signature
			r.Out.Header.Del("Cookie")        // of other servers on this machine: browsers do not part ports
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			status, text := http.StatusBadGateway, "the deployment cannot be reached, or the request could not be signed"
			if errors.Is(err, cloud.ErrTooLarge) {
				status, text = http.StatusRequestEntityTooLarge, err.Error()
			}
			http.Error(w, fmt.Sprintf(`{"status":"UNAVAILABLE","message":%q}`, text), status)
		},
	}
	return ownHosts(listening, http.NewCrossOriginProtection().Handler(proxy))
}

// serve serves until ctx ends, and then for as long as answers under way may take.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTime}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		return server.Shutdown(limited)
	}
}
