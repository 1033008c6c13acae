package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/cmd/segue/tree"
	"github.com/segue-workflows/segue/shared/workflow"
)

// startFlags are the flags of start.
type startFlags struct {
	version, request string
	params           []string
	watch, json      bool
}

func (s *session) startCommand() *cobra.Command {
	var f startFlags
	command := &cobra.Command{
		Use: "start WORKFLOW", Short: "Start an instance of a workflow", Args: cobra.ExactArgs(1),
		Long: `Start asks the server for a new instance. With --request-id the same request may be repeated safely: it
starts one instance, ever. With --watch it shows the instance until it ends, and succeeds only if that does.`,
		Example: `  segue start hello
  segue start hello --param total=25 --param 'names=["Ada","Grace"]' --watch
  segue start hello --version 3 --request-id 0b5f2c9e-3f0a-4c58-8f2d-5d7a1c1e9a01`,
		RunE: act(func(ctx context.Context, args []string) error { return s.start(ctx, args[0], f) }),
	}
	flags := command.Flags()
	flags.StringVar(&f.version, "version", "active", "active, latest, default or a number")
	flags.StringVar(&f.request, "request-id", "", "a name for this request, such as a UUID")
	flags.StringArrayVar(&f.params, "param", nil, "name=value of a run param; repeat it for more")
	flags.BoolVar(&f.watch, "watch", false, "show the instance until it ends")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return command
}

func (s *session) start(ctx context.Context, wf workflow.ID, f startFlags) error {
	c := s.client()
	request := client.Start{RequestID: f.request}
	if len(f.params) > 0 {
		definition, err := c.Version(ctx, wf, f.version)
		if err != nil {
			return err
		}
		if request.RunParams, err = runParams(f.params, definition.Workflow.Params); err != nil {
			return err
		}
	}
	started, err := c.Start(ctx, wf, f.version, request)
	if err != nil {
		return err
	}
	if !f.json {
		s.say("%s", sentence(started))
	}
	if !f.watch {
		if f.json {
			return s.printJSON(started)
		}
		return refusedByStrategy(started)
	}
	watcher := s.watcher(c)
	if f.json {
		watcher.Quiet()
	}
	return s.watch(ctx, watcher, keyOf(started), f.json)
}

// watch shows a run until it has ended. It fails silently unless the run succeeded.
func (s *session) watch(ctx context.Context, watcher *tree.Watcher, key workflow.RunKey, asJSON bool) error {
	view, err := watcher.Watch(ctx, key)
	if err != nil {
		return err
	}
	if asJSON {
		if err := s.printJSON(view); err != nil {
			return err
		}
	}
	if view.Status != workflow.InstanceSucceeded {
		return errSilent
	}
	return nil
}

func keyOf(started *client.Started) workflow.RunKey {
	return workflow.RunKey{Workflow: started.WorkflowID, Instance: started.Instance, Run: started.Run}
}

const (
	statusDuplicated = "DUPLICATED"
	statusStopped    = "STOPPED"
)

func sentence(started *client.Started) string {
	name := instanceName(started)
	switch started.Status {
	case statusDuplicated:
		return "this request had started " + name + " before"
	case statusStopped:
		return name + " was stopped at once by the workflow's run strategy"
	}
	return "started " + name
}

func refusedByStrategy(started *client.Started) error {
	if started.Status == statusStopped {
		return errSilent
	}
	return nil
}
