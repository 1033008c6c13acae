// Command localstack runs Segue's stack on this machine: the committed template, on emulators that run already, with
// the functions as processes. stack.sh starts and stops all of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/segue-workflows/segue/localstack/host"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "localstack:", err)
		os.Exit(1)
	}
}

func run() error {
	o := host.Options{Log: os.Stderr}
	flag.StringVar(&o.Module, "module", ".", "folder of the module")
	flag.StringVar(&o.LocalStack, "localstack", "http://127.0.0.1:4566", "address of LocalStack")
	flag.StringVar(&o.DynamoDB, "dynamodb", "http://127.0.0.1:8001", "address of DynamoDB Local; empty: LocalStack's own, which is slower")
	flag.StringVar(&o.Listen, "listen", "127.0.0.1:8090", "where the HTTP API answers")
	flag.StringVar(&o.Caller, "caller", host.Caller, "who everybody is who calls the HTTP API: the user header may say this, or nothing")
	flag.IntVar(&o.Copies, "copies", 4, "processes of one function at once")
	flag.Parse()
	var err error
	if o.Template, err = os.ReadFile(filepath.Join(o.Module, "infra/testdata/Segue.template.json")); err != nil {
		return err
	}
	o.Programs, o.Prefix = filepath.Join(o.Module, ".cache/host/programs"), "segue"
	if o.Programs, err = filepath.Abs(o.Programs); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	h, err := host.Open(ctx, o)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(h.Outputs())) {
		fmt.Printf("%s %s\n", name, h.Outputs()[name])
	}
	fmt.Printf("ready: SEGUE_URL=%s SEGUE_USER=%s\n", h.Address(), o.Caller)
	<-ctx.Done()
	return h.Close(context.WithoutCancel(ctx))
}
