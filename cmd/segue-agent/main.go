// Command segue-agent is the agent of secrets as a Lambda extension: a program that Lambda starts beside a function, and
// that answers the function over loopback. The stack ships it in a layer, for the functions that read secrets.
//
// It makes its token anew for each environment, in the one folder that it can write; function and extension are the
// only programs there. What it keeps lasts as long as the environment, at most five minutes without being read again.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/extension"
	"github.com/segue-workflows/segue/shared/wire"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("extension", wire.AgentProgram)
	if err := run(context.Background(), filepath.Base(os.Args[0]), os.Getenv); err != nil {
		log.Error("the agent of secrets ends", "error", err.Error())
		os.Exit(1)
	}
}

// answerTime bounds a request: all are short, and connections are few.
const answerTime = 15 * time.Second

// run registers the extension, serves until the environment ends, and takes its token away.
func run(ctx context.Context, name string, getenv func(string) string) error {
	lambda, err := extension.Register(ctx, getenv("AWS_LAMBDA_RUNTIME_API"), name)
	if err != nil {
		return err
	}
	file := getenv(wire.AgentToken)
	listener, token, err := ready(getenv(wire.Agent), file)
	if err != nil {
		return errors.Join(err, lambda.FailInit(ctx, "Segue.Agent"))
	}
	defer func() { _ = os.Remove(file) }()
	kept, err := boot.Agent(getenv)
	if err != nil {
		_ = listener.Close()
		return errors.Join(err, lambda.FailInit(ctx, "Segue.Variables"))
	}
	server := &http.Server{Handler: agent.Handler(kept, token), ReadHeaderTimeout: answerTime, ReadTimeout: answerTime, WriteTimeout: answerTime}
	go func() { _ = server.Serve(listener) }()
	end, err := lambda.Wait(ctx)
	if err != nil {
		return errors.Join(err, server.Close(), lambda.FailExit(ctx, "Segue.Next"))
	}
	limited, cancel := context.WithDeadline(ctx, end.Deadline)
	defer cancel()
	return server.Shutdown(limited)
}

// ready takes the agent's address, which must be one of this machine alone, and writes a token that nobody knows.
func ready(address, file string) (net.Listener, string, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, "", fmt.Errorf("%s: an address of loopback", wire.Agent)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, "", err
	}
	token := rand.Text()
	_ = os.Remove(file) // of an environment before this one: WriteFile would keep its mode
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		return nil, "", errors.Join(fmt.Errorf("%s cannot be written", wire.AgentToken), listener.Close())
	}
	return listener, token, nil
}
