package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Limit is how many attempts with a tag execute together at most.
type Limit struct {
	Tag      string            `json:"tag"`
	Most     int64             `json:"max_allowed"` // 0: none
	Timeline workflow.Timeline `json:"timeline"`
}

// Limit returns the limit of a tag.
func (c *Client) Limit(ctx context.Context, tag string) (*Limit, error) {
	return get[Limit](ctx, c, path("tag-permits", tag))
}

// SetLimit limits a tag from now on.
func (c *Client) SetLimit(ctx context.Context, tag string, most int64, reason string) (*Limit, error) {
	body, err := json.Marshal(map[string]any{"tag": tag, "max_allowed": most})
	if err != nil {
		return nil, err
	}
	answer, err := c.call(ctx, http.MethodPost, path("tag-permits")+reasonQuery(reason), jsonType, body)
	if err != nil {
		return nil, err
	}
	return decode[Limit](c, answer)
}

// DeleteLimit takes the limit of a tag away.
func (c *Client) DeleteLimit(ctx context.Context, tag, reason string) (*Acted, error) {
	return c.act(ctx, http.MethodDelete, path("tag-permits", tag)+reasonQuery(reason), nil)
}

func reasonQuery(reason string) string {
	if reason == "" {
		return ""
	}
	return "?" + url.Values{"reason": {reason}}.Encode()
}
