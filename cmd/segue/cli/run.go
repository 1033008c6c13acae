package cli

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *session) runCommand() *cobra.Command {
	var params, with []string
	asJSON := false
	command := &cobra.Command{
		Use: "run FILE", Short: "Run a definition to its end without a server", Args: cobra.ExactArgs(1),
		Long: `Run is push, start and watch in one process that keeps everything in memory: for trying out a definition, and
for scripts. It exits with 0 only when the workflow succeeded. Workflows that the definition calls are named with --with.`,
		Example: `  segue run examples/hello.json
  segue run examples/conditional.json --param total=3
  segue run examples/subworkflow.json --with examples/count-orders.json`,
		RunE: act(func(ctx context.Context, args []string) error { return s.runFile(ctx, args[0], with, params, asJSON) }),
	}
	command.Flags().StringArrayVar(&params, "param", nil, "name=value of a run param; repeat it for more")
	command.Flags().StringArrayVar(&with, "with", nil, "another definition, which this one calls; repeat it for more")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON at the end")
	s.compat.flag(command.Flags())
	s.outside.flag(command.Flags())
	s.limits.flag(command.Flags())
	return command
}

func (s *session) runFile(ctx context.Context, file string, with, params []string, asJSON bool) error {
	settings, end, err := s.settings()
	if err != nil {
		return err
	}
	defer func() { _ = end() }()
	l, err := local.Open(local.Options{Settings: settings, Log: s.logger(), Version: releaseName()})
	if err != nil {
		return err
	}
	defer s.work(l)()
	c := client.Within(l.Handler(), s.user)
	for _, callee := range with {
		if _, err := s.push(ctx, c, callee); err != nil {
			return err
		}
	}
	d, err := s.push(ctx, c, file)
	if err != nil {
		return err
	}
	request := client.Start{}
	if request.RunParams, err = runParams(params, d.Workflow.Params); err != nil {
		return err
	}
	// The version is named: a definition that is pushed as not active can be tried out too.
	started, err := c.Start(ctx, d.Metadata.WorkflowID, versionText(d), request)
	if err != nil {
		return err
	}
	watcher := s.watcher(c)
	if asJSON {
		watcher.Quiet()
	}
	return s.watch(ctx, watcher, keyOf(started), asJSON)
}

// work lets the engine work until the returned function is called, which then closes it.
func (s *session) work(l *local.Local) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
		if err := l.Close(); err != nil {
			s.logger().Error("closing the store failed", "code", string(workflow.CodeOf(err)), "error", err)
		}
	}
}

// logger tells people of what goes wrong inside the engine.
func (s *session) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(s.errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
