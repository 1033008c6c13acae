package runtime

// NoOp is done at once.
type NoOp struct{}

// Execute returns Done.
func (NoOp) Execute(Call) Result { return Result{State: Done} }
