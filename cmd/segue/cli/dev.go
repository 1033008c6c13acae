package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/wire"
)

// devFlags are the flags of dev.
type devFlags struct {
	address, data, demo string
	secrets             secretFlags
	memory              bool
	catchUp             time.Duration
	events              []string
	cloudEvents         bool
	retention           int
}

const (
	headerTime   = 10 * time.Second // for a client to send its headers
	shutdownTime = 5 * time.Second  // for answers under way when the server ends
)

func (s *session) devCommand() *cobra.Command {
	var f devFlags
	command := &cobra.Command{
		Use: "dev", Short: "Serve the API on this machine", Args: cobra.NoArgs,
		Long: `Dev is the whole of Segue in one process: the API, the engine and a crash-safe store in one folder. It serves
until Ctrl-C. What it has answered survives a crash, and goes on when it is started again.`,
		Example: `  segue dev
  segue dev --addr 127.0.0.1:9090 --data /tmp/segue
  segue dev --memory
  segue dev --http-allow api.example.com
  segue dev --allow-exec
  segue dev --demo examples/hello.json`,
		RunE: act(func(ctx context.Context, _ []string) error { return s.dev(ctx, f) }),
	}
	flags := command.Flags()
	flags.StringVar(&f.address, "addr", defaultAddress, "address to listen on")
	flags.StringVar(&f.data, "data", "./.segue", "folder of the store")
	flags.BoolVar(&f.memory, "memory", false, "keep everything in memory and forget it at the end")
	flags.StringVar(&f.demo, "demo", "", "push this definition, run it once and show it")
	f.secrets.flag(flags)
	flags.DurationVar(&f.catchUp, "catch-up", 30*24*time.Hour, "how far back missed executions of time triggers are started; 0 skips them")
	flags.IntVar(&f.retention, "retention", 90, "days for which runs are kept after their deadline")
	flags.StringArrayVar(&f.events, "events", nil, "where events go: stdout, file:PATH or the URL of a webhook, which SEGUE_EVENTS_SECRET signs; may be repeated")
	flags.BoolVar(&f.cloudEvents, "cloudevents", false, "put each event into the envelope of CloudEvents 1.0")
	s.compat.flag(flags)
	s.outside.flag(flags)
	s.limits.flag(flags)
	command.MarkFlagsMutuallyExclusive("data", "memory")
	return command
}

func (s *session) dev(ctx context.Context, f devFlags) error {
	data := f.data
	if f.memory {
		data = ""
	}
	secrets, endAgent, err := s.secrets(f.secrets)
	if err != nil {
		return err
	}
	defer endAgent()
	settings, end, err := s.settings()
	if err != nil {
		return err
	}
	defer func() { _ = end() }()
	settings.Retention = time.Duration(f.retention) * 24 * time.Hour
	if settings.Retention < decide.MinRetention || settings.Retention > decide.MaxRetention {
		return usageError{fmt.Sprintf("--retention %d is not from 1 to 3650 days", f.retention)}
	}
	listener, err := listen("--addr", f.address, defaultAddress)
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	consumers, closeEvents, err := s.consumers(f)
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer closeEvents()
	l, err := local.Open(local.Options{Dir: data, Settings: settings, Log: s.logger(), Version: releaseName(), Address: address + wire.APIPath, Secrets: secrets,
		CatchUp: missed(f.catchUp), Events: consumers})
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer s.work(l)()
	server := &http.Server{Handler: ownHosts(listener.Addr(), l.Handler()), ReadHeaderTimeout: headerTime}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		_ = server.Shutdown(ctx)
	}()

	if f.memory {
		s.say("Segue listens on %s and keeps everything in memory. Stop it with Ctrl-C.", address)
	} else {
		s.say("Segue listens on %s and keeps its data in %s. Stop it with Ctrl-C.", address, data)
	}
	if f.demo != "" {
		if err := s.demo(ctx, address, f.demo); err != nil && ctx.Err() == nil {
			return err
		}
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// listen opens an address that a flag gave.
func listen(flag, address, example string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the address %s is in use: stop the program that listens there, or choose another one with %s", address, flag)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s: choose a port above 1023 with %s", address, flag)
	}
	return nil, usageError{fmt.Sprintf("%s %s is no address to listen on (%v): want host:port such as %s", flag, address, err, example)}
}

// demo pushes a definition, runs it once, and says what to try next.
func (s *session) demo(ctx context.Context, address, file string) error {
	c := client.New(address, s.user)
	d, err := s.push(ctx, c, file)
	if err != nil {
		return err
	}
	wf := d.Metadata.WorkflowID
	s.say("pushed %s version %d", wf, d.Metadata.Version)
	started, err := c.Start(ctx, wf, versionText(d), client.Start{})
	if err != nil {
		return err
	}
	if _, err := s.watcher(c).Watch(ctx, keyOf(started)); err != nil {
		return err
	}
	s.say("")
	s.say("Segue listens on %s. Try next, in another terminal:", address)
	option := ""
	if address != "http://"+defaultAddress {
		option = " --url " + address
	}
	s.say("  %s start %s --watch%s", s.name, wf, option)
	s.say("  %s status %s%s", s.name, wf, option)
	s.say("  curl -s %s/api/v3/workflows/%s/instances/%d/runs/latest", address, wf, started.Instance)
	s.say("  curl -s -X POST -H 'user: %s' -H 'Content-Type: application/json' -d '{\"initiator\":{\"type\":\"manual\"}}' %s/api/v3/workflows/%s/versions/active/actions/start",
		s.user, address, wf)
	s.say("Stop with Ctrl-C.")
	return nil
}

func versionText(d *client.Definition) string { return fmt.Sprint(d.Metadata.Version) }
