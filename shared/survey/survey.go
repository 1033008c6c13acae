package survey

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Bounds of one survey.
const (
	maxReads      = 150
	maxReferences = 100
)

// Survey reads below runs.
type Survey struct{ Loop *advance.Loop }

// look is one survey, and what it may still spend.
type look struct {
	*advance.Loop
	reads, references int
}

func (s Survey) look() *look { return &look{s.Loop, maxReads, maxReferences} }

func (l *look) spent() bool { return l.reads <= 0 || l.references <= 0 }

// Rollup counts the leaves of a run through all levels, those that are at work below it too where few reads find
// them, and names those that people look for.
func (s Survey) Rollup(ctx context.Context, run *decide.Run) (*view.Rollup, error) {
	return s.look().run(ctx, run)
}

func (l *look) run(ctx context.Context, run *decide.Run) (*view.Rollup, error) {
	out := &view.Rollup{}
	for i := range run.State.Steps {
		part, err := l.step(ctx, run, i)
		if err != nil {
			return nil, err
		}
		out = out.Add(part)
	}
	return out, nil
}

func (l *look) step(ctx context.Context, run *decide.Run, i int) (*view.Rollup, error) {
	own := view.StepRollup(run, i)
	if own == nil || run.State.Steps[i].Nest == nil {
		l.references -= references(own)
		return own, nil
	}
	ended, running, _, err := l.nest(ctx, run, i)
	if err != nil {
		return nil, err
	}
	if below := ended.Add(running); below.Total > 0 {
		return below, nil
	}
	l.references -= references(own)
	return own, nil
}

func references(r *view.Rollup) int {
	if r == nil {
		return 0
	}
	return r.References()
}

// nest counts the leaves below step i: of instances that have ended, and of those that have not. Those that are
// restarted in place have not.
func (l *look) nest(ctx context.Context, run *decide.Run, i int) (ended, running *view.Rollup, again reruns, err error) {
	leaves := decide.NestLeaves(&run.State.Steps[i])
	ended, running = view.RollupOf(leaves), &view.Rollup{}
	home, err := l.home(ctx, run, i)
	if err != nil || l.spent() {
		return ended, running, again, err
	}
	if again, err = l.reruns(ctx, home, i); err != nil {
		return nil, nil, again, err
	}
	leaves.Add(again.before.Leaves, -1)
	ended = view.RollupOf(leaves)
	wanted := referred(leaves)
	err = l.each(ctx, home, i, again.runs, wanted > 0, func(child *decide.Run) (more bool, err error) {
		below, err := l.run(ctx, child)
		if err != nil {
			return false, err
		}
		if !child.State.Status.Terminal() {
			running = running.Add(below)
			return true, nil
		}
		ended = ended.Refer(below)
		// Where nobody is looked for, it has ended since its loop was read, and others may be at work.
		return wanted == 0 || int64(ended.References()) < wanted, nil
	})
	return ended, running, again, err
}

func referred(leaves record.Leaves) (n int64) {
	for status, count := range leaves {
		if workflow.StepStatus(status).Referred() {
			n += count
		}
	}
	return n
}

// home returns the run that ran step i: the given one, or the earlier one as whose result it stands.
func (l *look) home(ctx context.Context, run *decide.Run, i int) (*decide.Run, error) {
	key, _ := run.DetailAt(i)
	if key == run.Key || run.State.Steps[i].Detail == 0 {
		return run, nil
	}
	l.reads--
	return l.LoadRun(ctx, key)
}

// each visits the instances below step i that have not ended, first those that run again, and then, if wanted, those that ended and have leaves
// that people look for, until visit has seen enough or the survey is spent.
func (l *look) each(ctx context.Context, run *decide.Run, i int, again []workflow.RunKey, wanted bool, visit func(*decide.Run) (more bool, err error)) error {
	load := func(key workflow.RunKey) (bool, error) {
		if l.spent() {
			return false, nil
		}
		l.reads--
		var child *decide.Run
		var err error
		if key.Run == 0 {
			child, err = l.LoadLatest(ctx, key.Workflow, key.Instance)
		} else {
			child, err = l.LoadRun(ctx, key)
		}
		if errors.Is(err, workflow.ErrNotFound) {
			return true, nil // it is about to begin
		}
		if err != nil {
			return false, err
		}
		return visit(child)
	}
	for _, key := range again {
		if more, err := load(key); err != nil || !more {
			return err
		}
	}
	nest := run.State.Steps[i].Nest
	switch run.Definition.Steps[i].Kind {
	case workflow.KindSubworkflow:
		if !wanted && nest.Running() == 0 {
			return nil
		}
		key, err := l.called(ctx, run, i)
		if err != nil || key.Instance == 0 {
			return err
		}
		_, err = load(key)
		return err
	case workflow.KindWhile:
		for n := nest.Next; n > 0 && (wanted || nest.Running() > 0 && n == nest.Next); n-- {
			if more, err := load(whileKey(run, i, n)); err != nil || !more {
				return err
			}
		}
		return nil
	}
	return l.eachIteration(ctx, run, i, wanted, load)
}

// whileKey names iteration n of a while step; of one that an earlier attempt made, the newest run.
func whileKey(run *decide.Run, i int, n int64) workflow.RunKey {
	nest := run.State.Steps[i].Nest
	number := nest.Run
	if n <= nest.Next-nest.Launched {
		number = 0
	}
	return decide.ChildKey(run, i, n, number)
}

// called names the run that a subworkflow step started.
func (l *look) called(ctx context.Context, run *decide.Run, i int) (workflow.RunKey, error) {
	detail, err := l.detail(ctx, run, i)
	if err != nil {
		return workflow.RunKey{}, err
	}
	return calledBy(detail), nil
}

func calledBy(detail *record.Detail) workflow.RunKey {
	artifact, _ := detail.Artifacts.Get(view.SubworkflowArtifact)
	var ids struct {
		Workflow workflow.ID `json:"subworkflow_id"`
		Instance int64       `json:"subworkflow_instance_id"`
		Run      int64       `json:"subworkflow_run_id"`
	}
	_ = json.Unmarshal(artifact, &ids) // ours, or nothing yet
	return workflow.RunKey{Workflow: ids.Workflow, Instance: ids.Instance, Run: ids.Run}
}

func (l *look) detail(ctx context.Context, run *decide.Run, i int) (*record.Detail, error) {
	key, at := run.DetailAt(i)
	return l.Detail(ctx, key, at, i)
}

// eachIteration visits the iterations of a foreach step.
func (l *look) eachIteration(ctx context.Context, run *decide.Run, i int, wanted bool, load func(workflow.RunKey) (bool, error)) error {
	nest := run.State.Steps[i].Nest
	for _, block := range nest.Open {
		if nest.Running() == 0 || l.spent() {
			break
		}
		progress, err := l.progress(ctx, run, i, block.Number)
		if err != nil {
			return err
		}
		first := block.Number*record.BlockSize + 1
		for n := first + block.Low; n <= nest.Next && n < first+record.BlockSize; n++ {
			if end, _ := progress.At(n, nest.Run); end != record.Unended {
				continue
			}
			if more, err := load(decide.ChildKey(run, i, n, nest.Run)); err != nil || !more {
				return err
			}
		}
	}
	for number := int64(0); wanted && number*record.BlockSize < nest.Next && !l.spent(); number++ {
		progress, err := l.progress(ctx, run, i, number)
		if err != nil {
			return err
		}
		for _, offset := range suspects(progress) {
			n := number*record.BlockSize + int64(offset) + 1
			_, by := progress.At(n, nest.Run)
			if rerun(nest, n, by) != 0 {
				continue
			}
			if more, err := load(decide.ChildKey(run, i, n, by)); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

func (l *look) progress(ctx context.Context, run *decide.Run, i int, block int64) (*record.Progress, error) {
	l.reads--
	progress, _, err := l.Progress(ctx, run, i, block)
	return progress, err
}

// suspects returns the offsets of the iterations of a block that people look for: those that are marked, and all that
// did not succeed.
func suspects(progress *record.Progress) []int {
	out := slices.Clone(progress.Marked)
	for offset := range len(progress.Text) {
		if end := record.End(progress.Text[offset]); end != record.Unended && !end.Succeeded() {
			out = append(out, offset)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
