package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Letter is an attempt that was set aside, as far as commands show it.
type Letter struct {
	ID       string          `json:"id"`
	Workflow workflow.ID     `json:"workflow_id"`
	Instance int64           `json:"workflow_instance_id"`
	Run      int64           `json:"workflow_run_id"`
	Step     workflow.StepID `json:"step_id"`
	Attempt  int64           `json:"step_attempt_id"`
	Failures int64           `json:"failed_deliveries"`
	Status   string          `json:"status"`
	Time     int64           `json:"time"`
	Reason   string          `json:"reason"`
}

// Parked is a message that is parked, as far as commands show it.
type Parked struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	About      string `json:"about"`
	Reason     string `json:"reason"`
	Time       int64  `json:"time"`
	Bytes      int    `json:"bytes"`
	Redrivable bool   `json:"redrivable"`
}

// Letters is a list of dead letters, and of messages that are parked.
type Letters struct {
	Letters []Letter `json:"dead_letters"`
	Parked  []Parked `json:"parked"`
	More    bool     `json:"more"`
}

// DeadLetters lists the attempts that were set aside, of one workflow unless wf is "".
func (c *Client) DeadLetters(ctx context.Context, wf workflow.ID) (*Letters, error) {
	query := ""
	if wf != "" {
		query = "?workflowId=" + url.QueryEscape(wf)
	}
	return get[Letters](ctx, c, path("dead-letters")+query)
}

// LetterActed is the server's answer to an action on a dead letter.
type LetterActed struct {
	ID      string `json:"id"`
	Done    bool   `json:"done"`
	Message string `json:"message"`
}

// ActOnLetter redrives or drops a dead letter.
func (c *Client) ActOnLetter(ctx context.Context, id, action string) (*LetterActed, error) {
	answer, err := c.call(ctx, http.MethodPut, path("dead-letters", id, "actions", action), "", nil)
	if err != nil {
		return nil, err
	}
	return decode[LetterActed](c, answer)
}
