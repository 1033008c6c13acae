package cli

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/spf13/pflag"

	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// secretFlags say where secrets are, and whether this server is an agent for programs on this machine too.
type secretFlags struct {
	file    string
	address string
	token   string // file
}

func (f *secretFlags) flag(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "secrets", "", "file of secrets for jobs, a JSON object by name; only you may read it")
	flags.StringVar(&f.address, "agent", "", "answer like AWS's Secrets Manager Agent, from the file of --secrets, on this loopback address, such as "+agent.DefaultAddress)
	flags.StringVar(&f.token, "agent-token", agent.DefaultTokenFile, "file with the token that programs show the agent")
}

// secrets returns what resolves the references of jobs, and what ends the agent. On one machine all secrets of the file
// are for everybody, because whoever pushes a definition here can read the file too. Without a file there are none.
func (s *session) secrets(f secretFlags) (binder *secret.Binder, end func(), err error) {
	if f.file == "" {
		if f.address != "" {
			return nil, nil, usageError{"--agent needs --secrets: the agent answers from that file"}
		}
		return &secret.Binder{}, func() {}, nil
	}
	file := agent.File{Path: f.file}
	if err := file.Check(); err != nil {
		return nil, nil, usageError{"--secrets " + f.file + ": " + workflow.TextOf(err)}
	}
	kept := agent.New(file, s.clock.Now)
	if end, err = s.serveAgent(kept, f); err != nil {
		return nil, nil, err
	}
	return &secret.Binder{Source: kept, Policy: secret.Policy{"*": {"*"}}}, end, nil
}

// answerTime bounds a request of the agent: all are short, and connections are few.
const answerTime = 10 * time.Second

// serveAgent lets programs of this machine ask the agent, when a flag says so.
func (s *session) serveAgent(a *agent.Agent, f secretFlags) (end func(), err error) {
	if f.address == "" {
		return func() {}, nil
	}
	host, _, err := net.SplitHostPort(f.address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, usageError{"--agent " + f.address + ": secrets are for this machine only: want a loopback address with a port such as " + agent.DefaultAddress}
	}
	token, err := agent.ReadToken(f.token)
	if err != nil {
		return nil, usageError{"--agent-token " + f.token + ": " + workflow.TextOf(err)}
	}
	listener, err := listen("--agent", f.address, agent.DefaultAddress)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: agent.Handler(a, token), ReadHeaderTimeout: headerTime, ReadTimeout: answerTime, WriteTimeout: answerTime, IdleTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	s.say("The agent of secrets listens on %s.", listener.Addr())
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		_ = server.Shutdown(ctx)
	}, nil
}
