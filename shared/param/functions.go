package param

import (
	"context"
	"strconv"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/workflow"
)

// instance answers what the functions of params ask of the run.
type instance struct {
	ctx       context.Context
	key       workflow.RunKey // zero numbers while workflow params are evaluated
	initiator *workflow.Initiator
	policy    string
	runtime   Runtime
	signals   *signals // nil: not a place where signals are visible
}

// unavailable is the answer where a function has no meaning or the deployment has no hook for it.
func unavailable(name string) error { return invalidf("params.%s is not available here", name) }

// texts checks that all arguments are strings, and how many there are.
func texts(name string, args []any, least, most int) ([]string, error) {
	if len(args) < least || len(args) > most {
		return nil, invalidf("params.%s does not take %d arguments", name, len(args))
	}
	out := make([]string, len(args))
	for i, arg := range args {
		text, ok := arg.(string)
		if !ok {
			return nil, invalidf("params.%s takes only strings; argument %d is none", name, i+1)
		}
		out[i] = text
	}
	return out, nil
}

// shared answers the functions that workflows and steps have in common.
func (s *instance) shared(name string, args []any) (any, error) {
	switch name {
	case "nextUniqueId":
		if s.runtime.UniqueID == nil {
			return nil, unavailable(name)
		}
		return s.runtime.UniqueID(), nil
	case "getExecutionEnvironment":
		return s.runtime.Environment, nil
	case "getFromInstance":
		field, err := texts(name, args, 1, 1)
		if err != nil {
			return nil, err
		}
		return s.field(field[0])
	}
	return nil, unavailable(name)
}

func (s *instance) field(name string) (any, error) {
	initiator := s.initiator
	if initiator == nil {
		initiator = &workflow.Initiator{}
	}
	switch name {
	case "workflow_id":
		return s.key.Workflow, nil
	case "workflow_instance_id":
		return numberOrEmpty(s.key.Instance), nil
	case "workflow_run_id":
		return numberOrEmpty(s.key.Run), nil
	case "INITIATOR_TYPE":
		return initiator.Type, nil
	case "INITIATOR_TIMEZONE":
		return initiator.Timezone, nil
	case "INITIATOR_RUNNER_NAME":
		if initiator.Type == workflow.InitiatorValidation {
			return "", nil
		}
		if initiator.Type != workflow.InitiatorManual || initiator.User == nil {
			return nil, invalidf("INITIATOR_RUNNER_NAME is known for MANUAL runs only")
		}
		return initiator.User.Name, nil
	case "RUN_POLICY":
		return s.policy, nil
	}
	return nil, invalidf("params.getFromInstance knows no field %q", name)
}

// numberOrEmpty is "" for ids that are not known yet, as workflow params see them.
func numberOrEmpty(id int64) any {
	if id == 0 {
		return ""
	}
	return id
}

// valueOf reads a param that may have been evaluated or be a literal still, as signal params are.
func valueOf(p *workflow.Param) any {
	if p.Evaluated {
		return data(p.Result)
	}
	return data(workflow.ResultOf(p.Value))
}

// data gives expressions the one form of each value.
func data(value any) any {
	if out, err := expression.Data(value); err == nil {
		return out
	}
	return value
}

// paramOf answers params.get and params.containsKey over evaluated params.
func paramOf(params *workflow.Params, name string, args []any) (any, error) {
	key, err := texts(name, args, 1, 1)
	if err != nil {
		return nil, err
	}
	p, ok := params.Get(key[0])
	if name == "containsKey" {
		return ok, nil
	}
	if !ok {
		return nil, nil
	}
	return valueOf(p), nil
}

// signals looks params of signals up for workflow params.
type signals struct {
	instance *instance
	dummy    any // what a dry run reads; nil for runs
	asked    bool
}

func (s *signals) call(name string, args []any) (any, error) {
	switch name {
	case "getFromSignal":
		keys, err := texts(name, args, 1, 2)
		if err != nil {
			return nil, err
		}
		return s.get(keys)
	case "getFromSignalOrDefault":
		keys, err := texts(name, args, 3, 3)
		if err != nil {
			return nil, err
		}
		if value, err := s.get(keys[:2]); err == nil && value != nil {
			return value, nil
		}
		return keys[2], nil
	}
	return nil, unavailable(name)
}

// get reads a param of the trigger (one key) or of the signal that matched (signal name and key).
func (s *signals) get(keys []string) (any, error) {
	initiator, runtime := s.instance.initiator, s.instance.runtime
	switch {
	case initiator == nil:
		return nil, invalidf("only runs that a signal started have signal params")
	case initiator.Type == workflow.InitiatorValidation:
		s.asked = true
		return s.dummy, nil
	case initiator.Type != workflow.InitiatorSignal:
		return nil, invalidf("only runs that a signal started have signal params; this one is %s", initiator.Type)
	case len(keys) == 1:
		p, ok := initiator.Params.Get(keys[0])
		if !ok {
			return nil, invalidf("the trigger has no param %q", keys[0])
		}
		return valueOf(p), nil
	case runtime.SignalParam == nil:
		return nil, unavailable("getFromSignal")
	}
	return runtime.SignalParam(s.instance.ctx, keys[0], keys[1])
}

// parseIndex reads the position of a signal dependency.
func parseIndex(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, invalidf("%q is not the position of a signal dependency; positions count from 0", text)
	}
	return n, nil
}
