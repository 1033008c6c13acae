package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/cmd/segue/tree"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/workflow"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // the workflow did not succeed, or something is invalid
	exitUsage       = 2
	exitUnreachable = 3
	exitInterrupted = 130 // Ctrl-C, as shells count it
)

const defaultAddress = "127.0.0.1:8080"

// Main runs the command line of the process and returns its exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	s := &session{name: os.Args[0], out: os.Stdout, errs: os.Stderr, env: os.Getenv, clock: local.SystemClock{}}
	return s.run(ctx, os.Args[1:])
}

// session is one call of the command.
type session struct {
	compat    compatibility // of an engine in this process
	outside   outside       // of the same engine
	limits    limits        // of the same engine
	name      string        // of the program, as it was called
	out, errs io.Writer
	env       func(string) string
	clock     tree.Clock

	address, user, stage string

	transport http.RoundTripper // signs for a deployment; nil: nobody asks for that
}

func (s *session) run(ctx context.Context, args []string) int {
	root := s.root()
	root.SetArgs(args)
	root.SetOut(s.out)
	root.SetErr(s.errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	code := exitCode(ctx, err)
	if text := message(err); text != "" && code != exitInterrupted {
		_, _ = fmt.Fprintln(s.errs, "segue: "+text)
	}
	if code == exitUsage {
		_, _ = fmt.Fprintln(s.errs, `run "segue help" for the commands, or add --help to one`)
	}
	return code
}

func (s *session) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "segue",
		Short: "Run workflows on this machine or on AWS",
		Long: `segue runs Maestro's workflow definitions: on this machine with one program, or on AWS.

Exit codes: 0 all is well, 1 the workflow did not succeed or something is invalid,
2 the command was used wrongly, 3 no server answers, 130 interrupted.`,
		Example: `  segue dev                         start a server on this machine
  segue run examples/hello.json     run one definition without a server
  segue push examples/hello.json && segue start hello --watch`,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.PersistentPreRunE = func(command *cobra.Command, _ []string) error {
		return s.reach(command.Context(), command.Flags().Changed("user"))
	}
	root.PersistentFlags().StringVar(&s.address, "url", s.setting("SEGUE_URL", "http://"+defaultAddress), "address of the server; also SEGUE_URL")
	root.PersistentFlags().StringVar(&s.user, "user", s.setting("SEGUE_USER", s.setting("USER", "segue")), "who you are; also SEGUE_USER")
	root.PersistentFlags().StringVar(&s.stage, "stage", "", "a deployment on AWS instead: requests are signed with your credentials")
	root.MarkFlagsMutuallyExclusive("url", "stage")
	root.AddCommand(s.devCommand(), s.validateCommand(), s.pushCommand(), s.startCommand(), s.runCommand(), s.statusCommand(), s.evalCommand(), s.versionCommand(), s.backfillCommand(), s.templateCommand(), s.proxyCommand(), s.scheduleCommand(), s.deadLettersCommand(), s.eventsCommand())
	root.AddCommand(s.actionCommands()...)
	return root
}

func (s *session) setting(name, otherwise string) string {
	if value := s.env(name); value != "" {
		return value
	}
	return otherwise
}

func (s *session) client() *client.Client {
	if s.transport != nil {
		return client.Over(s.transport, s.address, s.user)
	}
	address := s.address
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	return client.New(address, s.user)
}

// watcher shows runs of the client's server.
func (s *session) watcher(c *client.Client) *tree.Watcher {
	return &tree.Watcher{Client: c, Clock: s.clock, Out: s.out, Size: s.size()}
}

// size measures the output when it is a terminal that can move its cursor, and is nil otherwise.
func (s *session) size() tree.Size {
	file, ok := s.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || s.env("TERM") == "dumb" {
		return nil
	}
	return func() (columns, rows int, err error) { return term.GetSize(int(file.Fd())) }
}

func (s *session) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format+"\n", args...)
}

func (s *session) printJSON(value any) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// acted marks an error of a command that was called rightly; every other error is one of usage.
type acted struct{ error }

func (e acted) Unwrap() error { return e.error }

// act makes a command's function: its errors are not errors of usage, unless they say so.
func act(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, args []string) error {
		if err := do(command.Context(), args); err != nil {
			return acted{err}
		}
		return nil
	}
}

// usageError is an argument that cannot be understood.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// errSilent ends a command with exit code 1 after it has said all there is to say.
var errSilent = errors.New("")

func exitCode(ctx context.Context, err error) int {
	usage, unreachable := usageError{}, (*client.Unreachable)(nil)
	switch {
	case !errors.As(err, &acted{}) || errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &unreachable):
		return exitUnreachable
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

// message returns what is wrong, with each further fault on a line of its own.
func message(err error) string {
	text := err.Error()
	faults := workflow.DetailOf(err)
	if refused := (*client.Refused)(nil); errors.As(err, &refused) {
		faults = refused.Errors
	}
	if len(faults) > 1 || len(faults) == 1 && !strings.Contains(text, faults[0]) {
		text += "\n  " + strings.Join(faults, "\n  ")
	}
	return text
}
