package tree

import (
	"slices"
	"strings"
	"unicode"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// View is a run at one moment. Its JSON is what `segue status --json` prints.
type View struct {
	Workflow workflow.ID             `json:"workflow_id"`
	Version  int64                   `json:"workflow_version_id"`
	Instance int64                   `json:"workflow_instance_id"`
	Run      int64                   `json:"workflow_run_id"`
	Status   workflow.InstanceStatus `json:"status"`
	Created  int64                   `json:"create_time,omitempty"`
	Start    int64                   `json:"start_time,omitempty"`
	End      int64                   `json:"end_time,omitempty"`
	Reason   string                  `json:"reason,omitempty"` // why it waits, or why it ended badly
	Leaves   map[string]int64        `json:"leaves,omitempty"` // leaf steps of all levels by status
	Rows     []Row                   `json:"steps"`
}

// Row is a step of a run.
type Row struct {
	Step    workflow.StepID     `json:"step_id"`
	Type    string              `json:"type"`
	Status  workflow.StepStatus `json:"status"`
	Attempt int64               `json:"step_attempt_id,omitempty"`
	Start   int64               `json:"start_time,omitempty"`
	End     int64               `json:"end_time,omitempty"`
	Reason  string              `json:"reason,omitempty"`
	Depth   int                 `json:"-"`

	Progress string `json:"progress,omitempty"`         // how far the instances are that it started
	Children []View `json:"instances,omitempty"`        // some of them, where the tree is asked for
	Hidden   int64  `json:"instances_hidden,omitempty"` // how many others there are
}

// Build joins a run with the attempts of its steps.
func Build(run *client.Run, attempts []client.Attempt) View {
	v := View{Workflow: run.WorkflowID, Version: run.Version, Instance: run.Instance, Run: run.Run, Status: run.Status,
		Created: run.Created, Start: run.Start, End: run.End, Leaves: run.Leaves(), Rows: []Row{}}
	v.Reason = runReason(run)
	if run.Workflow == nil {
		return v
	}
	latest := make(map[workflow.StepID]client.Attempt, len(attempts))
	for _, attempt := range attempts {
		if attempt.Attempt >= latest[attempt.Step].Attempt {
			latest[attempt.Step] = attempt
		}
	}
	for _, p := range arrange(run.Workflow.Steps) {
		step := run.Workflow.Steps[p.step]
		attempt := latest[step.ID]
		row := Row{Step: step.ID, Type: step.Type, Status: attempt.State.Status, Attempt: attempt.Attempt,
			Start: attempt.State.Start, End: attempt.State.End, Depth: p.depth}
		row.Reason, row.Progress = stepReason(run, attempt), progress(attempt)
		v.Rows = append(v.Rows, row)
	}
	return v
}

// runReason says why a run waits or how it failed.
func runReason(run *client.Run) string {
	switch run.Status {
	case workflow.InstanceFailed, workflow.InstanceStopped, workflow.InstanceTimedOut:
		return lastWord(run.Timeline)
	}
	return oneLine(run.Waiting)
}

// stepReason says why a step waits or how it failed.
func stepReason(run *client.Run, attempt client.Attempt) string {
	switch attempt.State.Status {
	case workflow.NotCreated, workflow.Created:
		if run.Status.Terminal() {
			return "not reached"
		}
	case workflow.Unsatisfied:
		return "no condition led here"
	case workflow.CompletedWithError, workflow.FatallyFailed, workflow.InternallyFailed, workflow.Stopped, workflow.TimedOut, workflow.Skipped:
		return lastWord(attempt.Timeline)
	}
	if run.Status == workflow.InstanceCreated || run.Waiting != "" && strings.HasSuffix(attempt.Waiting, run.Waiting) {
		return "" // the run as a whole waits, and says so once
	}
	return strings.TrimPrefix(oneLine(attempt.Waiting), attempt.State.Status.String()+": ") // it is shown beside
}

// endings are the actions that end what they are about, and what that is called afterwards.
var endings = map[string]string{"STOP": "stopped", "KILL": "killed", "SKIP": "skipped"}

// lastWord returns the newest of a timeline that says how something came to its end: who ended it and why, or the newest
// message that people wrote or should read.
func lastWord(timeline workflow.Timeline) string {
	for _, event := range slices.Backward(timeline) {
		switch {
		case event.Type == workflow.EventAction && endings[event.Action] != "":
			text := endings[event.Action]
			if event.Author != nil && event.Author.Name != "" {
				text += " by " + event.Author.Name
			}
			if event.Reason != "" {
				text += ": " + event.Reason
			}
			return oneLine(text)
		case event.Message != "" && (event.Type == workflow.EventDetails || event.Type == workflow.EventLog):
			return oneLine(event.Message)
		}
	}
	return ""
}

// oneLine returns the first line of a text without what could move the cursor: messages quote what users sent.
func oneLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}
