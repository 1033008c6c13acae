package decide

import (
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// MaxAnnouncements is how many signals one attempt may send.
const MaxAnnouncements = 100

// announce records the signals that the finished attempt of step i sends, and tells whether there are any: then the
// step succeeds when they are announced. The commit is the intent; whoever acts on it announces the same signals,
// for their identities follow from the attempt.
func (t *Turn) announce(i int) (bool, error) {
	outputs, err := t.dynamicOutputs(i)
	if err != nil {
		return true, t.internal(i, "a dynamic output signal", err)
	}
	outputs = append(append([]workflow.SignalOutput(nil), t.step(i).SignalOutputs...), outputs...)
	if len(outputs) == 0 {
		return false, nil
	}
	if len(outputs) > MaxAnnouncements {
		return true, t.internal(i, "the output signals", workflow.Errorf(workflow.CodeInvalid, "a step sends at most %d signals", MaxAnnouncements))
	}
	detail, err := t.change(i)
	if err != nil {
		return true, err
	}
	detail.Announces = nil
	for n := range outputs {
		out, err := t.announcement(i, detail, &outputs[n])
		if err != nil {
			return true, t.internal(i, "an output signal", err)
		}
		detail.Announces = append(detail.Announces, *out)
	}
	t.announcing = append(t.announcing, i)
	t.state.Steps[i].Due, t.changed = t.ms+grace.Milliseconds(), true
	return true, nil
}

func (t *Turn) announcement(i int, detail *record.Detail, output *workflow.SignalOutput) (*record.Announcement, error) {
	scope := t.scope(i, detail.Params)
	name, err := param.Text(t.ctx, output.Name, scope)
	if err != nil {
		return nil, err
	}
	values, err := param.Values(t.ctx, output.Params, scope)
	if err != nil {
		return nil, err
	}
	out := &record.Announcement{Name: name, Params: signal.Params{}}
	for key, value := range values.All() {
		if out.Params[key], err = signal.Exact(value.Result); err != nil {
			return nil, err
		}
	}
	payload, err := param.Values(t.ctx, output.Payload, scope)
	if err != nil {
		return nil, err
	}
	if payload.Len() > 0 {
		out.Payload = &workflow.Ordered[json.RawMessage]{}
	}
	for key, value := range payload.All() {
		out.Payload.Set(key, record.Encode(workflow.JSONResult(value.Result)))
	}
	key := t.key(i)
	out.Identity = NameUUID(key.String() + "/" + signal.Content(name, out.Params))
	in := signal.Instance{Name: name, Identity: out.Identity, Params: out.Params, Payload: out.Payload, Source: &key}
	return out, in.Check()
}

// dynamicOutputs reads the signals that a job asks to be sent.
func (t *Turn) dynamicOutputs(i int) ([]workflow.SignalOutput, error) {
	detail, err := t.detail(i)
	if err != nil {
		return nil, err
	}
	raw, ok := detail.Artifacts.Get("maestro_dynamic_output")
	if !ok {
		return nil, nil
	}
	var artifact struct {
		Outputs []struct {
			Value *workflow.Params `json:"value"`
		} `json:"signal_outputs"`
	}
	if err := json.Unmarshal(raw, &artifact); err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the artifact maestro_dynamic_output cannot be read")
	}
	var out []workflow.SignalOutput
	for _, output := range artifact.Outputs {
		name, ok := output.Value.Get("name")
		text, isText := "", false
		if ok {
			text, isText = name.Value.(string)
		}
		if !isText {
			return nil, workflow.Errorf(workflow.CodeInvalid, "a dynamic output signal has no name")
		}
		params := output.Value.Clone()
		params.Delete("name")
		out = append(out, workflow.SignalOutput{Name: text, Params: params})
	}
	return out, nil
}

// Announcing returns the steps whose attempts have signals to announce.
func Announcing(run *Run) []int {
	var out []int
	for i := range run.State.Steps {
		if step := &run.State.Steps[i]; step.Status == workflow.Finishing && step.Ending == workflow.NotCreated {
			out = append(out, i)
		}
	}
	return out
}

// Signalling tells whether a step of the run waits for signals, or has some to announce.
func Signalling(run *Run) bool {
	return len(Announcing(run)) > 0 || slices.ContainsFunc(run.State.Steps, func(s record.Step) bool { return s.Status == workflow.WaitingForSignals })
}

// Announced notes that the signals of an attempt are announced: with that it has succeeded.
func (t *Turn) Announced(i int, attempt int64, sent []record.Announcement) error {
	step := &t.state.Steps[i]
	if step.Attempt != attempt || step.Status != workflow.Finishing {
		return nil
	}
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	detail.Announces, step.Due = sent, 0
	return t.complete(i, workflow.Succeeded)
}
