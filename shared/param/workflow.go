package param

import (
	"context"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// WorkflowInput is all that the params of an instance follow from.
type WorkflowInput struct {
	Definition    *workflow.Workflow
	Owner         string
	Initiator     *workflow.Initiator
	RunParams     *workflow.Params
	RestartParams *workflow.Params // only when this instance is the one that the user named
	Previous      *workflow.Params // evaluated params of the previous run; nil for a fresh run
	RunPolicy     string
	Now           time.Time
	Runtime       Runtime
}

// Workflow merges and evaluates the params of an instance.
// It returns CodeInvalid when a layer breaks a rule or an expression fails.
func Workflow(ctx context.Context, in WorkflowInput) (*workflow.Params, error) {
	merged, err := workflowLayers(in)
	if err != nil {
		return nil, err
	}
	_, err = evaluateWorkflow(ctx, in, merged, nil)
	return merged, err
}

// workflowLayers merges all layers, ready for evaluation.
func workflowLayers(in WorkflowInput) (*workflow.Params, error) {
	if runSource(in.Initiator) == workflow.SourceLaunch {
		if err := CheckRunParams(in.RunParams); err != nil {
			return nil, err
		}
	}
	layers := []layered{{in.RunParams, Layer{Source: runSource(in.Initiator), Restart: in.Previous != nil}}}
	base := workflowBuiltins(in)
	if in.Previous != nil {
		base = restartBase(in)
		layers = append(layers, layered{in.RestartParams, Layer{Source: workflow.SourceRestart, Restart: true}})
	} else {
		layers = append([]layered{
			{in.Runtime.WorkflowDefaults, Layer{Source: workflow.SourceSystemDefault}},
			{in.Definition.Params, Layer{Source: workflow.SourceDefinition}},
		}, layers...)
	}
	return stack(base, layers)
}

type layered struct {
	params *workflow.Params
	how    Layer
}

// stack merges the layers in order into base, which it owns, and cleans up.
func stack(base *workflow.Params, layers []layered) (*workflow.Params, error) {
	for _, layer := range layers {
		if err := mergeInto(base, layer.params, layer.how, ""); err != nil {
			return nil, err
		}
	}
	if err := cleanup(base); err != nil {
		return nil, err
	}
	return base, nil
}

// runSource is LAUNCH, or the kind of step that started the run.
func runSource(initiator *workflow.Initiator) workflow.ParamSource {
	if initiator != nil {
		switch initiator.Type {
		case workflow.InitiatorSubworkflow, workflow.InitiatorForeach, workflow.InitiatorWhile, workflow.InitiatorTemplate:
			return workflow.ParamSource(initiator.Type)
		}
	}
	return workflow.SourceLaunch
}

// restartBase turns the params of the previous run back into definitions: their results are literals now,
// except of IMMUTABLE ones, which are evaluated again. Who owns the run is answered anew.
func restartBase(in WorkflowInput) *workflow.Params {
	out := identityOf(in)
	for name, p := range in.Previous.All() {
		if out.Has(name) || reserved(name) {
			continue
		}
		if p.Mode == workflow.Immutable {
			p = p.Clone()
			p.Evaluated = false
		}
		out.Set(name, frozen(p))
	}
	return out
}

// evaluateWorkflow evaluates merged params in place and tells whether a signal was looked up.
func evaluateWorkflow(ctx context.Context, in WorkflowInput, merged *workflow.Params, dummy any) (asked bool, err error) {
	w := newWorkflowScope(ctx, in, merged, dummy)
	err = w.all()
	return w.signals.asked, err
}

// workflowScope finds names for workflow params: other workflow params, and params of signals.
type workflowScope struct {
	evaluator
	*instance
	owner, zone string
}

// newWorkflowScope prepares evaluation. Ids of instance and run are not known yet, and stay empty.
func newWorkflowScope(ctx context.Context, in WorkflowInput, merged *workflow.Params, dummy any) *workflowScope {
	run := &instance{ctx: ctx, key: workflow.RunKey{Workflow: in.Definition.ID},
		initiator: in.Initiator, policy: in.RunPolicy, runtime: in.Runtime}
	run.signals = &signals{instance: run, dummy: dummy}
	w := &workflowScope{instance: run, owner: in.Owner, zone: firstZone(in.Definition)}
	w.evaluator = evaluator{ctx: ctx, params: merged, active: map[*workflow.Param]bool{}, now: in.Now,
		runtime: in.Runtime, find: w.find, call: w.call}
	return w
}

func (w *workflowScope) find(name string) (any, bool, error) {
	if p, ok := w.params.Get(name); ok {
		if err := w.one(name, p); err != nil {
			return nil, false, err
		}
		return p.Result, true, nil
	}
	if signal, key, ok := strings.Cut(name, w.evaluator.runtime.separator()); ok {
		value, err := w.signals.get([]string{signal, key})
		return value, err == nil, err
	}
	return nil, false, nil
}

func (w *workflowScope) call(name string, args []any) (any, error) {
	switch name {
	case "get", "containsKey":
		key, err := texts(name, args, 1, 1)
		if err != nil {
			return nil, err
		}
		p, ok := w.params.Get(key[0])
		if name == "containsKey" || !ok {
			return okOrNull(name, ok), nil
		}
		err = w.one(key[0], p)
		return data(p.Result), err
	case "getFromSignal", "getFromSignalOrDefault":
		return w.signals.call(name, args)
	case "getFromInstance":
		if len(args) == 1 && args[0] == "owner" {
			return w.owner, nil
		}
		if len(args) == 1 && args[0] == "FIRST_TIME_TRIGGER_TIMEZONE" {
			return w.zone, nil
		}
	}
	return w.shared(name, args)
}

func okOrNull(name string, ok bool) any {
	if name == "containsKey" {
		return ok
	}
	return nil
}
