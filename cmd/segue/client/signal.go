package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Signal is an announced signal.
type Signal struct {
	Name string          `json:"name"`
	Seq  int64           `json:"seq_id"`
	Raw  json.RawMessage `json:"-"` // all of it
}

// Announce announces a signal; its params are strings and integers. requestID may be "".
func (c *Client) Announce(ctx context.Context, name string, params *workflow.Ordered[any], requestID string) (*Signal, error) {
	body, err := json.Marshal(struct {
		Name      string                 `json:"name"`
		Params    *workflow.Ordered[any] `json:"params,omitzero"`
		RequestID string                 `json:"request_id,omitempty"`
	}{name, params, requestID})
	if err != nil {
		return nil, err
	}
	answer, err := c.call(ctx, http.MethodPost, "/signals", jsonType, body)
	if err != nil {
		return nil, err
	}
	out, err := decode[Signal](c, answer)
	if err == nil {
		out.Raw = answer
	}
	return out, err
}

// Lineage is who announced and who consumed which signals.
type Lineage struct {
	Links []struct {
		Signal string          `json:"signal"`
		Seq    int64           `json:"seq_id"`
		Role   string          `json:"role"`
		Run    workflow.RunKey `json:"run"`
		Step   workflow.StepID `json:"step_id"`
		Hop    int             `json:"hop"`
	} `json:"links"`
	More bool            `json:"more"`
	Raw  json.RawMessage `json:"-"`
}

// SignalLineage returns the lineage of a signal: a number, or latest.
func (c *Client) SignalLineage(ctx context.Context, name, seq string, hops int) (*Lineage, error) {
	return c.lineage(ctx, path("signals", name, "instances", seq, "lineage"), hops)
}

// RunLineage returns the lineage of the newest run of an instance.
func (c *Client) RunLineage(ctx context.Context, wf workflow.ID, instance int64, hops int) (*Lineage, error) {
	return c.lineage(ctx, path("workflows", wf, "instances", instance, "lineage"), hops)
}

func (c *Client) lineage(ctx context.Context, at string, hops int) (*Lineage, error) {
	answer, err := c.call(ctx, http.MethodGet, at+"?"+url.Values{"hops": {strconv.Itoa(hops)}}.Encode(), "", nil)
	if err != nil {
		return nil, err
	}
	out, err := decode[Lineage](c, answer)
	if err == nil {
		out.Raw = answer
	}
	return out, err
}
