package catalog

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Definition is the document of one version.
type Definition struct {
	Properties   *Snapshot              `json:"properties_snapshot"`
	Metadata     *workflow.Ordered[any] `json:"metadata"`
	Workflow     *workflow.Workflow     `json:"workflow"`
	IsActive     bool                   `json:"is_active"`
	ActivateTime int64                  `json:"activate_time,omitempty"`
	ActivatedBy  string                 `json:"activated_by,omitempty"`
	IsLatest     bool                   `json:"is_latest"`
	IsDefault    bool                   `json:"is_default"`
	ModifyTime   int64                  `json:"modify_time"`
	InternalID   int64                  `json:"internal_id"`
}

// Overview is what stands about a workflow at a glance.
type Overview struct {
	WorkflowID      string                          `json:"workflow_id"`
	ActiveVersion   int64                           `json:"active_version_id,omitempty"`
	LatestVersion   int64                           `json:"latest_version_id"`
	DefaultVersion  int64                           `json:"default_version_id"`
	Properties      *Snapshot                       `json:"properties_snapshot"`
	StepConcurrency *int64                          `json:"step_concurrency,omitempty"`
	Nonterminal     map[workflow.InstanceStatus]int `json:"nonterminal_instances"`
	Failed          int64                           `json:"failed_instances"`
	LatestInstance  int64                           `json:"latest_instance_id,omitempty"`
}

// Timeline is what was done to a workflow, newest first.
type Timeline struct {
	WorkflowID string                `json:"workflow_id"`
	Events     []record.TimelineNote `json:"timeline_events"`
}

// Span is the lowest and the highest of a series of numbers; both are 0 when it is empty.
type Span struct{ Oldest, Newest int64 }

// Version returns a version: active, latest, default or a number. It returns CodeInvalid for any other text,
// CodeNotFound and CodeUnavailable.
func (c *Catalog) Version(ctx context.Context, wf workflow.ID, version string) (*Definition, error) {
	p, err := c.find(ctx, wf)
	if err != nil {
		return nil, err
	}
	number, err := p.resolve(version)
	if err != nil {
		return nil, err
	}
	return c.definition(ctx, p, number)
}

// Versions are the versions of a workflow as it was when they were asked for.
type Versions struct {
	Span
	catalog *Catalog
	place   *place
}

// Versions finds out which versions a workflow has. It returns CodeNotFound and CodeUnavailable.
func (c *Catalog) Versions(ctx context.Context, wf workflow.ID) (*Versions, error) {
	p, err := c.find(ctx, wf)
	if err != nil {
		return nil, err
	}
	return &Versions{Span{max(p.head.Oldest, 1), p.head.Latest}, c, p}, nil
}

// Load returns version n. It returns CodeNotFound for a number that was never decided, and CodeUnavailable.
func (v *Versions) Load(ctx context.Context, n int64) (*Definition, error) {
	return v.catalog.definition(ctx, v.place, n)
}

// definition makes the document of version n of the workflow as it was read.
func (c *Catalog) definition(ctx context.Context, p *place, n int64) (*Definition, error) {
	compiled, err := c.Loop.Definition(ctx, p.wf, n)
	if err != nil {
		return nil, err
	}
	version := compiled.Version
	if version.InternalID != p.head.InternalID {
		return nil, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no version %d", p.wf, n)
	}
	out := &Definition{Properties: p.snapshot, Metadata: metadata(p.wf, version), Workflow: version.Workflow,
		IsActive: p.head.Active == n, IsLatest: p.head.Latest == n, IsDefault: p.head.Default() == n,
		ModifyTime: version.CreateTime, InternalID: version.InternalID}
	if out.IsActive {
		out.ActivateTime, out.ActivatedBy, out.ModifyTime = p.head.ActiveAt, p.head.ActiveBy, p.head.ActiveAt
	}
	return out, nil
}

func metadata(wf workflow.ID, version *workflow.Version) *workflow.Ordered[any] {
	out := &workflow.Ordered[any]{}
	for key, value := range version.Extras.All() {
		out.Set(key, value)
	}
	// What the engine says wins over an extra of the same name.
	out.Set("workflow_id", wf)
	out.Set("workflow_version_id", version.Number)
	out.Set("create_time", version.CreateTime)
	out.Set("version_author", version.Author)
	if version.GitInfo != nil {
		out.Set("git_info", version.GitInfo)
	}
	return out
}

// Overview returns numbers about a workflow and its instances. It returns CodeNotFound and CodeUnavailable.
func (c *Catalog) Overview(ctx context.Context, wf workflow.ID) (*Overview, error) {
	p, err := c.find(ctx, wf)
	if err != nil {
		return nil, err
	}
	if _, err := c.Verify(ctx, wf, p.head); err != nil {
		return nil, err
	}
	out := &Overview{WorkflowID: wf, ActiveVersion: p.head.Active, LatestVersion: p.head.Latest, DefaultVersion: p.head.Default(),
		Properties: p.snapshot, StepConcurrency: p.properties.StepConcurrency, Failed: p.head.FailedRuns()}
	if first := max(p.head.First, 1); p.head.Next > first {
		out.LatestInstance = p.head.Next - 1
	}
	out.Nonterminal, err = c.nonterminal(ctx, p)
	return out, err
}

// mostLooked is how many running instances an overview looks at; the head does not know which of them are paused.
const mostLooked = 100

func (c *Catalog) nonterminal(ctx context.Context, p *place) (map[workflow.InstanceStatus]int, error) {
	out := map[workflow.InstanceStatus]int{workflow.InstanceCreated: p.head.Queued.Len(),
		workflow.InstanceInProgress: len(p.head.Running), workflow.InstancePaused: 0}
	for _, ref := range p.head.Running[:min(len(p.head.Running), mostLooked)] {
		run, err := c.LoadRun(ctx, workflow.RunKey{Workflow: p.wf, Instance: ref.Instance, Run: ref.Run})
		if err != nil && !errors.Is(err, workflow.ErrNotFound) {
			return nil, err
		}
		switch {
		case err == nil && run.State.Status == workflow.InstancePaused:
			out[workflow.InstancePaused]++
			out[workflow.InstanceInProgress]--
		case err == nil && run.State.Status.Terminal():
			out[workflow.InstanceInProgress]--
		}
	}
	return out, nil
}

// maxTimeline is how many lines of a workflow's timeline are told.
const maxTimeline = 300

// Timeline returns what was done to a workflow, newest first. It returns CodeNotFound and CodeUnavailable.
func (c *Catalog) Timeline(ctx context.Context, wf workflow.ID) (*Timeline, error) {
	if _, err := c.find(ctx, wf); err != nil {
		return nil, err
	}
	items, _, err := c.Store.List(ctx, record.NoteRange(wf, maxTimeline))
	if err != nil {
		return nil, unavailable("list the timeline of "+wf, err)
	}
	out := &Timeline{WorkflowID: wf, Events: make([]record.TimelineNote, 0, len(items))}
	for _, item := range items {
		line, err := record.Decode[record.TimelineNote]("timeline note", item.Body)
		if err != nil {
			return nil, err
		}
		line.Change = nil // for programs: it goes out as an event
		out.Events = append(out.Events, *line)
	}
	return out, nil
}
