package workflow

import "strings"

// StepTypes lists the types that a typed step may name, in canonical case: those of Maestro, then our own. That a
// type is listed does not mean that a runtime for it is deployed.
var StepTypes = []string{"NoOp", "Sleep", "Http", "Kubernetes", "Notebook", "Titus", "Join",
	"Process", "Lambda", "Container", "Queue", "Echo"}

// StepTypeOf returns the canonical case of a step type given in any case, and whether there is such a type.
func StepTypeOf(name string) (string, bool) {
	for _, known := range StepTypes {
		if strings.EqualFold(known, name) {
			return known, true
		}
	}
	return "", false
}
