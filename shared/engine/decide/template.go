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
	t.addTags(i, found.Tags)
	return nil
}

// inject adds to the params of step i what its runtime gives, and to the attempt its tags.
func (t *Turn) inject(i int, in *param.StepInput) {
	injector, ok := t.settings.Runtimes.Injector(t.run.Definition.types[i])
	if !ok {
		return
	}
	given := injector.Inject(t.call(i, t.details[i]))
	in.Injected = given.Params
	t.addTags(i, given.Tags)
}

// addTags gives tags to the attempt of step i, beside those that it has.
func (t *Turn) addTags(i int, more []workflow.Tag) {
	if len(more) > 0 {
		t.details[i].Tags = slices.Concat(tagsOf(t.step(i), t.details[i]), more)
	}
}

// addsTags tells whether attempts of step i may have more tags than the step.
func (d *Definition) addsTags(settings Settings, i int) bool {
	_, injects := settings.Runtimes.Injector(d.types[i])
	return injects || d.Steps[i].SubType != ""
}
