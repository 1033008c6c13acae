package workflow

import "slices"

// Delivery is the delivery policy of a step: how often delivering an attempt may fail, and what happens then. A failed
// delivery is a claim that expired without an outcome; a retry is something else, and has limits of its own.
type Delivery struct {
	Limit  int64          `json:"limit,omitempty"`  // 0: the deployment's
	Action DeliveryAction `json:"action,omitempty"` // "": the deployment's
}

// DeliveryAction is what happens to an attempt that reaches its delivery limit.
type DeliveryAction string

// The delivery actions.
const (
	DeliveryFail DeliveryAction = "fail" // the step fails for good, and its attempt is set aside for people
	DeliveryDrop DeliveryAction = "drop" // the step completes with an error, nothing is set aside, and the run goes on
)

// DeliveryActions lists all.
var DeliveryActions = []DeliveryAction{DeliveryFail, DeliveryDrop}

// Check returns CodeInvalid for a policy that nobody may set. What is not stated is fine.
func (d Delivery) Check() error {
	if d.Limit < 0 || d.Limit > MaxDeliveryLimit {
		return Errorf(CodeInvalid, "the delivery limit must be from 1 to %d", MaxDeliveryLimit)
	}
	if d.Action != "" && !slices.Contains(DeliveryActions, d.Action) {
		return Errorf(CodeInvalid, "the delivery action must be %s or %s", DeliveryFail, DeliveryDrop)
	}
	return nil
}
