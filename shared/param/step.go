package param

import (
	"context"

	"github.com/segue-workflows/segue/shared/workflow"
)

// StepInput is all that the params of one attempt follow from. Scope.Params is ignored.
type StepInput struct {
	Scope
	Step          *workflow.Step
	Defaults      *workflow.Params // of the job template, source TEMPLATE_SCHEMA
	Injected      *workflow.Params // by the step's runtime
	RunParams     *workflow.Params // step_run_params of this step
	RestartParams *workflow.Params // step_restart_params of this step; only at path length 1
}

// Step merges and evaluates the params of one attempt.
// It returns CodeInvalid when a layer breaks a rule or an expression fails.
func Step(ctx context.Context, in StepInput) (*workflow.Params, error) {
	merged, err := stepLayers(in)
	if err != nil {
		return nil, err
	}
	in.Scope.Params = merged
	s := newStepScope(ctx, in.Scope)
	return merged, s.all()
}

// stepLayers merges all layers, ready for evaluation. Run params that the definition does not have come
// before it, so that its expressions may use them.
func stepLayers(in StepInput) (*workflow.Params, error) {
	kind := in.Step.RuntimeType()
	defaults := Layer{Source: workflow.SourceSystemDefault}
	ownRun, extraRun := split(in.RunParams, in.Step.Params)
	ownRestart, extraRestart := split(in.RestartParams, in.Step.Params)
	launch, restart := Layer{Source: workflow.SourceLaunch}, Layer{Source: workflow.SourceRestart, Restart: true}
	return stack(stepBuiltins(in.Identity), []layered{
		{in.Runtime.StepDefaults, defaults},
		{typeBuiltins(kind), defaults},
		{in.Runtime.TypeDefaults[kind], defaults},
		{in.Defaults, Layer{Source: workflow.SourceTemplateSchema}},
		{in.Injected, Layer{Source: workflow.SourceSystemInjected}},
		{extraRun, launch},
		{extraRestart, restart},
		{in.Step.Params, Layer{Source: workflow.SourceDefinition}},
		{ownRun, launch},
		{ownRestart, restart},
	})
}

// split divides params into those that the definition has and the others.
func split(params, definition *workflow.Params) (own, extra *workflow.Params) {
	own, extra = &workflow.Params{}, &workflow.Params{}
	for name, p := range params.All() {
		if definition.Has(name) {
			own.Set(name, p)
		} else {
			extra.Set(name, p)
		}
	}
	return own, extra
}

// stepScope finds names for the params and expressions of a step.
type stepScope struct {
	evaluator
	*instance
	scope Scope
}

// newStepScope prepares evaluation; params that are already evaluated stay as they are.
func newStepScope(ctx context.Context, scope Scope) *stepScope {
	run := &instance{ctx: ctx, key: scope.Identity.RunKey, initiator: scope.Initiator,
		policy: scope.RunPolicy, runtime: scope.Runtime}
	s := &stepScope{instance: run, scope: scope}
	s.evaluator = evaluator{ctx: ctx, params: scope.Params, active: map[*workflow.Param]bool{}, now: scope.Now,
		runtime: scope.Runtime, find: s.find, call: s.call}
	return s
}

// find resolves a name in the order that definitions rely on: a param of another step, an own param that is
// already evaluated, a workflow param, an own param that is evaluated now. So a workflow param hides an own
// one of the same name until that was evaluated, and the order of definition matters.
func (s *stepScope) find(name string) (any, bool, error) {
	if value, ok, err := s.ofStep(name); ok || err != nil {
		return value, ok, err
	}
	own, mine := s.scope.Params.Get(name)
	if mine && own.Evaluated {
		return own.Result, true, nil
	}
	if p, ok := s.scope.Workflow.Get(name); ok {
		return p.Result, true, nil
	}
	if !mine {
		return nil, false, nil
	}
	if err := s.one(name, own); err != nil {
		return nil, false, err
	}
	return own.Result, true, nil
}

func (s *stepScope) call(name string, args []any) (any, error) {
	switch name {
	case "get", "containsKey":
		return paramOf(s.scope.Workflow, name, args)
	case "getFromStep":
		keys, err := texts(name, args, 1, 2)
		if err != nil {
			return nil, err
		}
		if len(keys) == 1 {
			return s.identity(keys[0])
		}
		return s.upstream(keys[0], keys[1])
	case "getFromForeach":
		return s.hook(name, args, s.scope.Runtime.ForeachParam)
	case "getFromSubworkflow":
		return s.hook(name, args, s.scope.Runtime.SubworkflowParam)
	case "getFromSignalDependency":
		return s.dependency(name, args)
	case "getFromSignal", "getFromSignalOrDefault":
		return (&signals{instance: s.instance}).call(name, args)
	}
	return s.shared(name, args)
}

func (s *stepScope) hook(name string, args []any, look func(context.Context, string, string, string) (any, error)) (any, error) {
	keys, err := texts(name, args, 3, 3)
	if err != nil {
		return nil, err
	}
	if look == nil {
		return nil, unavailable(name)
	}
	return look(s.instance.ctx, keys[0], keys[1], keys[2])
}

func (s *stepScope) dependency(name string, args []any) (any, error) {
	keys, err := texts(name, args, 2, 2)
	if err != nil {
		return nil, err
	}
	index, err := parseIndex(keys[0])
	if err != nil {
		return nil, err
	}
	if s.scope.Runtime.DependencyParam == nil {
		return nil, unavailable(name)
	}
	return s.scope.Runtime.DependencyParam(s.instance.ctx, index, keys[1])
}

func (s *stepScope) identity(field string) (any, error) {
	id := s.scope.Identity
	switch field {
	case "step_id":
		return id.Step, nil
	case "step_instance_id":
		return id.StepInstanceID, nil
	case "step_instance_uuid":
		return id.StepUUID, nil
	case "step_attempt_id":
		return id.Attempt, nil
	case "step_type_info":
		return id.StepType, nil
	case "MAESTRO_STEP_ERROR_RETRIES":
		return id.ErrorRetries, nil
	}
	return nil, invalidf("params.getFromStep knows no field %q", field)
}
