package tree

import (
	"fmt"
	"io"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// lines tells a run's story in one line for each change: for logs and pipes.
type lines struct {
	out   io.Writer
	run   workflow.InstanceStatus
	steps map[workflow.StepID]told
}

type told struct {
	status  workflow.StepStatus
	attempt int64
}

func newLines(out io.Writer) *lines { return &lines{out: out, steps: map[workflow.StepID]told{}} }

// show writes what changed since the last view.
func (l *lines) show(v View) {
	if v.Status != l.run && v.Status == workflow.InstanceCreated {
		l.line(v.Workflow, string(v.Status), v.Reason)
	}
	l.run = v.Status
	for _, row := range v.Rows {
		now := told{row.Status, row.Attempt}
		if row.Status == workflow.NotCreated || l.steps[row.Step] == now {
			continue
		}
		l.steps[row.Step] = now
		var details []string
		if row.Attempt > 1 {
			details = append(details, fmt.Sprintf("attempt %d", row.Attempt))
		}
		if row.Start != 0 && row.End != 0 {
			details = append(details, "after "+Elapsed(row.End-row.Start))
		}
		if row.Progress != "" {
			details = append(details, row.Progress)
		}
		if row.Reason != "" {
			details = append(details, row.Reason)
		}
		l.line(row.Step, row.Status.String(), strings.Join(details, ", "))
	}
}

func (l *lines) line(name, status, details string) {
	text := name + " " + status
	if details != "" {
		text += " (" + details + ")"
	}
	_, _ = fmt.Fprintln(l.out, text)
}
