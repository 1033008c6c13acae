package param

import (
	"fmt"

	"github.com/segue-workflows/segue/shared/workflow"
)

// site is a place of a definition that holds an expression, or a text that refers to params.
type site struct {
	path     string
	text     string
	template bool     // a text with $name, not an expression
	scope    *visible // what it may refer to
}

// visible are the params that a site may refer to.
type visible struct {
	names    []string            // in the order of definition, built-ins last
	steps    map[string][]string // params by upstream step; nil: they are not known
	signals  bool                // name__param may also mean a param of the signal that started the run
	separate string
}

type walker struct {
	sites      []site
	validators bool // they run, so they are expressions
}

func (w *walker) add(path, text string, template bool, scope *visible) {
	w.sites = append(w.sites, site{path, text, template, scope})
}

// sitesOf lists all sites of a definition in its order.
func sitesOf(request *workflow.Request, runtime Runtime) []site {
	w, body := &walker{validators: runtime.Validators}, request.Workflow
	scope := &visible{names: workflowNames(body, runtime), signals: len(body.SignalTriggers) > 0, separate: runtime.separator()}
	w.params("params", body.Params, scope)
	w.long("timeout", body.Timeout, scope)
	for i, trigger := range body.SignalTriggers {
		path := fmt.Sprintf("signal_triggers[%d].", i)
		inner := &visible{names: trigger.Params.Keys(), signals: true, separate: scope.separate}
		w.params(path+"params", trigger.Params, inner)
		w.expression(path+"condition", trigger.Condition, inner)
		w.expression(path+"dedup_expr", trigger.DedupExpr, inner)
	}
	if request.Properties != nil && request.Properties.Alerting != nil {
		for i, email := range request.Properties.Alerting.Emails {
			w.add(fmt.Sprintf("properties.alerting.emails[%d]", i), email, true, scope)
		}
	}
	w.level("steps.", body.Steps, scope, runtime)
	return w.sites
}

func (w *walker) expression(path, text string, scope *visible) {
	if text != "" {
		w.add(path, text, false, scope)
	}
}

func (w *walker) long(path string, value *workflow.ParsableLong, scope *visible) {
	if value != nil && value.IsText {
		w.add(path, value.Text, true, scope)
	}
}

func (w *walker) params(path string, params *workflow.Params, scope *visible) {
	for name, p := range params.All() {
		at := path + "." + name
		if p.HasExpr {
			w.add(at, p.Expression, false, scope)
		}
		if w.validators && !annotation(p.Validator) {
			w.expression(at+".validator", p.Validator, scope)
		}
		switch v := p.Value.(type) {
		case string:
			w.add(at, v, true, scope)
		case []string:
			for i, text := range v {
				w.add(fmt.Sprintf("%s[%d]", at, i), text, true, scope)
			}
		case map[string]string:
			for _, key := range sortedKeys(v) {
				w.add(at+"."+key, key, true, scope)
				w.add(at+"."+key, v[key], true, scope)
			}
		case *workflow.Params:
			inner := *scope
			inner.names = append(v.Keys()[:v.Len():v.Len()], scope.names...)
			w.params(at, v, &inner)
		}
	}
}

// level walks the steps that run in one instance; outer is the scope of its workflow params.
func (w *walker) level(path string, steps []*workflow.Step, outer *visible, runtime Runtime) {
	for _, step := range steps {
		scope := *outer
		scope.signals = false
		scope.names = append(stepNames(step, runtime), outer.names...)
		scope.steps = upstreamParams(step, steps, runtime)
		w.step(path+step.ID+".", step, &scope, outer)
		if len(step.Steps) > 0 {
			inner := &visible{names: loopNames(step, scope.names), separate: outer.separate}
			w.level(path+step.ID+".steps.", step.Steps, inner, runtime)
		}
	}
}

func (w *walker) step(path string, step *workflow.Step, scope, outer *visible) {
	limited := *outer
	limited.signals = false
	w.long(path+"timeout", step.Timeout, &limited)
	w.params(path+"params", step.Params, scope)
	if step.Kind == workflow.KindWhile {
		w.expression(path+"condition", step.Condition, &visible{names: loopNames(step, scope.names), steps: scope.steps, separate: scope.separate})
	}
	for target, condition := range step.Transition.Successors.All() {
		w.expression(path+"transition."+target, condition, scope)
	}
	for i, dependency := range step.SignalDependencies {
		at := fmt.Sprintf("%ssignal_dependencies[%d].", path, i)
		needs := &visible{names: outer.names, steps: scope.steps, separate: scope.separate}
		w.add(at+"name", dependency.Name, true, needs)
		for name, match := range dependency.MatchParams.All() {
			if match.Param != nil {
				only := &workflow.Params{}
				only.Set(name, match.Param)
				w.params(at+"match_params", only, needs)
			}
		}
	}
	for i, output := range step.SignalOutputs {
		at := fmt.Sprintf("%ssignal_outputs[%d].", path, i)
		w.add(at+"name", output.Name, true, scope)
		w.params(at+"params", output.Params, scope)
		w.params(at+"payload", output.Payload, scope)
	}
	if policy := step.RetryPolicy; policy != nil {
		w.retry(path+"retry_policy.", policy, &limited)
	}
}

func (w *walker) retry(path string, policy *workflow.RetryPolicy, scope *visible) {
	w.long(path+"error_retry_limit", policy.ErrorRetryLimit, scope)
	w.long(path+"platform_retry_limit", policy.PlatformRetryLimit, scope)
	w.long(path+"timeout_retry_limit", policy.TimeoutRetryLimit, scope)
	if b := policy.Backoff; b != nil {
		for _, value := range []*workflow.ParsableLong{b.ErrorBackoff, b.ErrorExponent, b.ErrorLimit, b.PlatformBackoff,
			b.PlatformExponent, b.PlatformLimit, b.TimeoutBackoff, b.TimeoutExponent, b.TimeoutLimit} {
			w.long(path+"backoff", value, scope)
		}
	}
}
