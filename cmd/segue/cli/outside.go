package cli

import (
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/runtime/handover"
	"github.com/segue-workflows/segue/shared/runtime/httpstep"
	"github.com/segue-workflows/segue/shared/runtime/process"
	"github.com/segue-workflows/segue/shared/workflow"
)

// outside is what the steps of an engine in this process may reach beyond it. The zero value is nothing.
type outside struct {
	hosts []string // for Http steps
	exec  bool     // steps may run processes on this machine

	functions, queues []string // of Lambda and Queue steps, as NAME=URL
}

func (o *outside) flag(flags *pflag.FlagSet) {
	flags.BoolVar(&o.exec, "allow-exec", false, "let Kubernetes, Notebook and Container steps run processes on this machine, as you")
	flags.StringArrayVar(&o.hosts, "http-allow", nil, "host, host:port, IP address or prefix that Http steps may call; repeat it for more")
	flags.StringArrayVar(&o.functions, "function", nil, "NAME=URL: where Lambda steps that name this function POST their task; repeat it for more")
	flags.StringArrayVar(&o.queues, "queue", nil, "NAME=URL: where Queue steps that name this queue POST their task until it is taken; repeat it for more")
}

// runtimes returns the runtimes of the process, and what ends the jobs that they began.
func (o *outside) runtimes(compat bool, path string) (r *runtime.Registry, end func() error, err error) {
	allowed, err := httpstep.ParseAllowed(o.hosts)
	if err != nil {
		return nil, nil, usageError{"--http-allow: " + workflow.TextOf(err)}
	}
	r = runtime.Standard()
	r.Add("Http", httpstep.New(httpstep.Options{Allowed: allowed, Compat: compat}))
	functions, err := handover.NewEndpoints("--function", o.functions)
	if err != nil {
		return nil, nil, usageError{workflow.TextOf(err)}
	}
	queues, err := handover.NewEndpoints("--queue", o.queues)
	if err != nil {
		return nil, nil, usageError{workflow.TextOf(err)}
	}
	r.Add("Lambda", handover.Lambda{Invoker: functions})
	r.Add("Queue", handover.Queue{Sender: queues})
	if !o.exec {
		container.Register(r, container.Options{Backend: process.Denied{}})
		return r, func() error { return nil }, nil
	}
	jobs := process.New(os.TempDir(), path)
	container.Register(r, container.Options{Backend: jobs, Quick: quickLook})
	return r, jobs.Close, nil
}

// quickLook is how soon a job that began just now is looked at: it costs nothing here.
const quickLook = 100 * time.Millisecond
