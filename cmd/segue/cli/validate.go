package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// checked is a file and what is wrong with it. Its JSON is what validate --json prints.
type checked struct {
	File     string      `json:"file"`
	Valid    bool        `json:"valid"`
	Workflow workflow.ID `json:"workflow_id,omitempty"`
	Faults   []fault     `json:"faults,omitempty"`

	text    []byte
	request *workflow.Request
}

// fault is one thing that is wrong, and where.
type fault struct {
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

func (s *session) validateCommand() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use: "validate FILE...", Short: "Check definitions without a server", Args: cobra.MinimumNArgs(1),
		Long: `Validate reads definitions (JSON, the same shape in YAML, or Maestro's YAML language), tries out their params,
and prints everything that is wrong with file, line and column.`,
		Example: `  segue validate examples/*.json
  segue validate --json my-workflow.yaml`,
		RunE: act(func(ctx context.Context, args []string) error {
			files := make([]*checked, len(args))
			valid := true
			for i, name := range args {
				var err error
				if files[i], err = s.checkFile(ctx, name); err != nil {
					return err
				}
				valid = valid && files[i].Valid
			}
			if err := s.showChecked(files, asJSON); err != nil {
				return err
			}
			if !valid {
				return errSilent
			}
			return nil
		}),
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (s *session) showChecked(files []*checked, asJSON bool) error {
	if asJSON {
		return s.printJSON(files)
	}
	for _, file := range files {
		if file.Valid {
			s.say("%s: workflow %s is valid", file.File, file.Workflow)
		} else {
			s.showFaults(s.out, file)
		}
	}
	return nil
}

// showFaults writes a line for each fault, in the form that editors jump to.
func (s *session) showFaults(out io.Writer, file *checked) {
	for _, f := range file.Faults {
		where := file.File
		if f.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", file.File, f.Line, f.Column)
		}
		text := f.Message
		if f.Path != "" {
			text = f.Path + ": " + text
		}
		_, _ = fmt.Fprintf(out, "%s: %s\n", where, text)
	}
}

// checkFile reads a file and finds what is wrong with it; its error is about the file itself.
func (s *session) checkFile(ctx context.Context, name string) (*checked, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	out := &checked{File: name, text: text}
	request, source, err := definition.ReadRequest(text, definition.FormatOf(name), nil)
	if err != nil {
		out.Faults = faultsOf(err)
		return out, nil
	}
	out.request, out.Workflow = request, request.Workflow.ID
	for _, problem := range param.Check(request) {
		out.Faults = append(out.Faults, located(request, source, problem))
	}
	if len(out.Faults) == 0 {
		if err := param.DryRun(ctx, request, param.Runtime{}, s.clock.Now()); err != nil {
			out.Faults = faultsOf(err)
		}
	}
	out.Valid = len(out.Faults) == 0
	return out, nil
}

func (c *checked) yaml() bool { return definition.FormatOf(c.File) == definition.YAML }

func unreadable(name string, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usageError{"there is no file " + name}
	case errors.Is(err, os.ErrPermission):
		return usageError{"the file " + name + " may not be read"}
	}
	return usageError{err.Error()}
}

// faultsOf lists what an error says.
func faultsOf(err error) []fault {
	var out []fault
	if invalid := (*document.Invalid)(nil); errors.As(err, &invalid) {
		for _, f := range invalid.Faults {
			out = append(out, fault{f.Line, f.Column, f.Path, f.Text})
		}
		return out
	}
	for _, text := range workflow.DetailOf(err) {
		out = append(out, fault{Message: text})
	}
	if out == nil {
		out = []fault{{Message: workflow.TextOf(err)}}
	}
	return out
}
