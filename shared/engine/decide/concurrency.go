package decide

import (
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Concurrency is how many jobs of a runtime type (workflow.Step.RuntimeType) execute at once in the whole deployment.
// A type that is not there has no limit.
type Concurrency map[string]int64

// MaxRuntimeConcurrency is the largest limit: the permits of one type are one item.
const MaxRuntimeConcurrency = 1000

// ParseConcurrency reads "Http=50,Lambda=20". It returns CodeInvalid for a type that there is not, and for a limit out of
// range.
func ParseConcurrency(text string) (Concurrency, error) {
	out := Concurrency{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, number, _ := strings.Cut(part, "=")
		known := ""
		for _, stepType := range workflow.StepTypes {
			if strings.EqualFold(stepType, strings.TrimSpace(name)) {
				known = (&workflow.Step{Kind: workflow.KindStep, Type: stepType}).RuntimeType()
			}
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if known == "" || err != nil || n < 1 || n > MaxRuntimeConcurrency {
			return nil, workflow.Errorf(workflow.CodeInvalid, "%q limits no runtime: want TYPE=N, N from 1 to %d", part, MaxRuntimeConcurrency)
		}
		out[known] = n
	}
	return out, nil
}
