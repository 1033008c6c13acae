package view

import (
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Flat is a step of the body of a loop in one iteration of all the loops around it.
type Flat struct {
	WorkflowID workflow.ID     `json:"workflow_id"` // of the outermost instance
	InstanceID int64           `json:"workflow_instance_id"`
	RunID      int64           `json:"workflow_run_id"`
	StepID     workflow.StepID `json:"step_id"`

	Rank       string                 `json:"iteration_rank"`   // sorts as the iterations follow each other
	AttemptSeq string                 `json:"step_attempt_seq"` // run and attempt of each level, likewise
	Leaf       *LeafRef               `json:"leaf_step_instance_ref,omitempty"`
	LoopParams *workflow.Ordered[any] `json:"loop_params"` // of all levels
	State      RuntimeState           `json:"step_runtime_state"`
}

// LeafRef names an attempt of a step.
type LeafRef struct {
	WorkflowID workflow.ID     `json:"workflow_id"`
	InstanceID int64           `json:"workflow_instance_id"`
	RunID      int64           `json:"workflow_run_id"`
	StepID     workflow.StepID `json:"step_id"`
	Attempt    int64           `json:"step_attempt_id"`
}

// FlatSummary says in short how a step of a body fared in all iterations.
type FlatSummary struct {
	Representative *Flat                    `json:"representative_iteration,omitempty"` // the first of those that fared worst
	Counts         *workflow.Ordered[int64] `json:"count_by_status,omitempty"`
	Range          []string                 `json:"range,omitempty"` // the first and the last rank
	Values         *workflow.Ordered[[]any] `json:"loop_param_values,omitzero"`
	Truncated      bool                     `json:"truncated,omitempty"` // there are more iterations than were looked at
}

const digits62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Rank writes numbers so that texts sort as the numbers do: before each, how many digits it has.
func Rank(numbers []int64) string {
	parts := make([]string, len(numbers))
	for i, n := range numbers {
		text := strconv.FormatInt(n, 10)
		parts[i] = string(digits62[len(text)]) + text
	}
	return strings.Join(parts, "-")
}

// ParseRank reads what Rank wrote. It returns CodeInvalid.
func ParseRank(rank string) ([]int64, error) {
	var out []int64
	for part := range strings.SplitSeq(rank, "-") {
		if len(part) < 2 || len(part)-1 >= len(digits62) || digits62[len(part)-1] != part[0] {
			return nil, workflow.Errorf(workflow.CodeInvalid, "that is no rank of an iteration")
		}
		n, err := strconv.ParseInt(part[1:], 10, 64)
		if err != nil || n < 1 {
			return nil, workflow.Errorf(workflow.CodeInvalid, "that is no rank of an iteration")
		}
		out = append(out, n)
	}
	return out, nil
}

// ParseIteration reads an iteration id such as 4-7-22: the number of the iteration at each level.
func ParseIteration(id string) ([]int64, error) {
	var out []int64
	for part := range strings.SplitSeq(id, "-") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || n < 1 || len(out) == workflow.MaxDepth {
			return nil, workflow.Errorf(workflow.CodeInvalid, "an iteration id is a number from 1 for each loop, such as 4-7-22")
		}
		out = append(out, n)
	}
	return out, nil
}
