package param

import "github.com/segue-workflows/segue/shared/workflow"

// Layer says who adds params.
type Layer struct {
	Source  workflow.ParamSource
	Restart bool // the run is a restart: upstream layers meet the rules of RESTART
}

// Merge lays layer over base and returns the result; neither is changed.
// It returns CodeInvalid, with mode and param named, when a param may not be changed so.
func Merge(base, layer *workflow.Params, how Layer) (*workflow.Params, error) {
	return nil, workflow.Errorf(workflow.CodeInternal, "not ready")
}

// Cleanup ends merging: optional params without value go, internal modes are erased.
// It returns CodeInvalid for another param without value or expression.
func Cleanup(params *workflow.Params) (*workflow.Params, error) {
	return nil, workflow.Errorf(workflow.CodeInternal, "not ready")
}

// CheckRunParams refuses run params that users may not give: too many, reserved names, source or internal mode set.
// It returns CodeInvalid.
func CheckRunParams(params *workflow.Params) error { return nil }

// Output merges what a job reported into the evaluated params of its step, in place.
// It returns CodeInvalid when a param does not exist, is not MUTABLE, or cannot take the value.
func Output(params, output *workflow.Params) error {
	return workflow.Errorf(workflow.CodeInternal, "not ready")
}
