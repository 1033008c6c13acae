package decide

import (
	"errors"
	"slices"

	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// template adds to the params of step i what its job template gives, and to the attempt its tags.
func (t *Turn) template(i int, in *param.StepInput) error {
	step, find := t.step(i), t.settings.Params.Template
	if find == nil || step.SubType == "" {
		return nil
	}
	found, err := find(t.ctx, step, t.run.Header.Params)
	if errors.Is(err, workflow.ErrNotFound) {
		return workflow.Errorf(workflow.CodeInvalid, "%s", workflow.TextOf(err)) // the definition's fault, as any other of its params
	}
	if err != nil {
		return err
	}
	in.Defaults = found.Params
	if len(found.Tags) > 0 {
		t.details[i].Tags = slices.Concat(step.Tags, found.Tags)
	}
	return nil
}
