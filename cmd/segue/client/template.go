package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Template is a job template, as far as commands show it.
type Template struct {
	Metadata struct {
		Author  string `json:"version_author"`
		Support string `json:"support"`
	} `json:"metadata"`
	Definition struct {
		JobType     string `json:"job_type"`
		StepType    string `json:"step_type"`
		Version     string `json:"version"`
		Description string `json:"description"`
	} `json:"definition"`
}

// PushTemplate stores a version of a job template. The text is JSON or YAML.
func (c *Client) PushTemplate(ctx context.Context, text []byte, yaml bool) (*Template, error) {
	where, contentType := path("job-templates"), jsonType
	if yaml {
		where, contentType = path("job-templates", "yaml"), yamlType
	}
	answer, err := c.call(ctx, http.MethodPost, where, contentType, text)
	if err != nil {
		return nil, err
	}
	return decode[Template](c, answer)
}

// Templates lists the job templates that have a version; "" is the default one.
func (c *Client) Templates(ctx context.Context, version string) ([]Template, error) {
	list, err := get[[]Template](ctx, c, path("job-templates")+versionQuery(version))
	if err != nil {
		return nil, err
	}
	return *list, nil
}

// Template returns a job template as the server has it.
func (c *Client) Template(ctx context.Context, jobType, version string) (json.RawMessage, error) {
	return c.call(ctx, http.MethodGet, path("job-templates", jobType)+versionQuery(version), "", nil)
}

// DeleteTemplate takes a version of a job template away.
func (c *Client) DeleteTemplate(ctx context.Context, jobType, version string) error {
	_, err := c.call(ctx, http.MethodDelete, path("job-templates", jobType)+versionQuery(version), "", nil)
	return err
}

func versionQuery(version string) string {
	if version == "" {
		return ""
	}
	return "?version=" + url.QueryEscape(version)
}
