package tree

import (
	"context"
	"fmt"
	"strings"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// progress says in a few words how far the instances are that a step started; "" when it started none.
func progress(attempt client.Attempt) string {
	switch a := attempt.Artifacts; {
	case a.Foreach != nil:
		ended := int64(0)
		for _, n := range a.Foreach.Overview.Stats {
			ended += n
		}
		text := fmt.Sprintf("%d of %d iterations", ended, a.Foreach.Total)
		for _, status := range []workflow.InstanceStatus{workflow.InstanceFailed, workflow.InstanceTimedOut, workflow.InstanceStopped} {
			if n := a.Foreach.Overview.Stats[status]; n > 0 {
				text += fmt.Sprintf(", %d %s", n, words(string(status)))
			}
		}
		return text
	case a.While != nil:
		return fmt.Sprintf("iteration %d", a.While.Last)
	case a.Subworkflow != nil && a.Subworkflow.Instance != 0:
		return fmt.Sprintf("%s instance %d", a.Subworkflow.Workflow, a.Subworkflow.Instance)
	}
	return ""
}

// words writes a status in words.
func words(status string) string { return strings.ToLower(strings.ReplaceAll(status, "_", " ")) }

// How much of a nested tree is loaded: of one loop, and in all.
const (
	maxShown = 5
	maxTree  = 60
)

// LoadTree returns the run as it is, with the instances that its steps started below them: of a loop a few, those
// first that people look for.
func (w *Watcher) LoadTree(ctx context.Context, key workflow.RunKey) (View, error) {
	left := maxTree
	return w.loadTree(ctx, key, &left)
}

func (w *Watcher) loadTree(ctx context.Context, key workflow.RunKey, left *int) (View, error) {
	v, err := w.Load(ctx, key)
	for i := range v.Rows {
		if err != nil {
			return v, err
		}
		if v.Rows[i].Progress != "" {
			err = w.descend(ctx, key, &v.Rows[i], left)
		}
	}
	return v, err
}

// descend loads instances below a step.
func (w *Watcher) descend(ctx context.Context, key workflow.RunKey, row *Row, left *int) error {
	attempt, err := w.Client.Attempt(ctx, key, row.Step)
	if err != nil {
		return err
	}
	children, total := below(attempt.Artifacts)
	for _, child := range children {
		if *left <= 0 {
			break
		}
		*left--
		if child.Run == 0 {
			latest, err := w.Client.LatestRun(ctx, child.Workflow, child.Instance)
			if err != nil {
				return err
			}
			child.Run = latest.Run
		}
		v, err := w.loadTree(ctx, child, left)
		if err != nil {
			return err
		}
		row.Children = append(row.Children, v)
	}
	row.Hidden = total - int64(len(row.Children))
	return nil
}

// below names the instances to show below a step, and tells how many there are.
func below(a client.Artifacts) (shown []workflow.RunKey, total int64) {
	switch {
	case a.Foreach != nil:
		for _, status := range []workflow.InstanceStatus{workflow.InstanceFailed, workflow.InstanceTimedOut, workflow.InstanceStopped,
			workflow.InstanceInProgress, workflow.InstanceSucceeded} {
			for _, interval := range a.Foreach.Overview.Details[status] {
				for n := interval[0]; n <= interval[1] && len(shown) < maxShown; n++ {
					shown = append(shown, workflow.RunKey{Workflow: a.Foreach.Workflow, Instance: n})
				}
			}
		}
		return shown, a.Foreach.Next
	case a.While != nil:
		for n := a.While.Last; n > 0 && len(shown) < maxShown; n-- { // only the last one can have failed
			shown = append(shown, workflow.RunKey{Workflow: a.While.Workflow, Instance: n})
		}
		return shown, a.While.Last
	case a.Subworkflow != nil && a.Subworkflow.Instance != 0:
		return []workflow.RunKey{{Workflow: a.Subworkflow.Workflow, Instance: a.Subworkflow.Instance, Run: a.Subworkflow.Run}}, 1
	}
	return nil, 0
}
