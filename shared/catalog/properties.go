package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Snapshot is the properties of a workflow at a time, and who made them so.
type Snapshot struct {
	WorkflowID string `json:"workflow_id"`
	CreateTime int64  `json:"create_time"`
	Author     string `json:"author"`
	*workflow.Properties
}

// Properties returns the current properties. It returns CodeNotFound and CodeUnavailable.
func (c *Catalog) Properties(ctx context.Context, wf workflow.ID) (*Snapshot, error) {
	p, err := c.find(ctx, wf)
	if err != nil {
		return nil, err
	}
	return p.snapshot, nil
}

// Update changes properties without a new version. Anyone may claim a workflow by naming himself its owner; the
// timeline tells. It returns CodeNotFound, CodePrecondition for a change of run strategy that the present runs
// forbid, and CodeUnavailable.
func (c *Catalog) Update(ctx context.Context, user workflow.User, wf workflow.ID, update *workflow.PropertiesUpdate) (*Snapshot, error) {
	return c.change(ctx, user, wf, func(p *workflow.Properties) (*workflow.Properties, string, error) {
		merged := mergeUpdate(p, update)
		return merged, describe(p, merged), nil
	})
}

// PutTag puts a tag on the workflow, or replaces the one of its name. It returns CodeNotFound and CodeUnavailable.
func (c *Catalog) PutTag(ctx context.Context, user workflow.User, wf workflow.ID, tag workflow.Tag) (*Snapshot, error) {
	return c.change(ctx, user, wf, func(p *workflow.Properties) (*workflow.Properties, string, error) {
		tag.Namespace, tag.Permit = "PLATFORM", nil
		attributes := tag.Attributes.Clone()
		attributes.Set("creator", user.Name)
		attributes.Set("created_at_milli", c.now())
		tag.Attributes = attributes
		merged := *p
		merged.Tags = slices.Clone(p.Tags)
		if i := tagIndex(merged.Tags, tag.Name); i >= 0 {
			merged.Tags[i] = tag
		} else {
			merged.Tags = append(merged.Tags, tag)
		}
		return &merged, fmt.Sprintf("put the property tag %q", tag.Name), nil
	})
}

// DeleteTag takes a tag off the workflow. It returns CodeNotFound when it has none of that name, and CodeUnavailable.
func (c *Catalog) DeleteTag(ctx context.Context, user workflow.User, wf workflow.ID, name string) (*Snapshot, error) {
	return c.change(ctx, user, wf, func(p *workflow.Properties) (*workflow.Properties, string, error) {
		i := tagIndex(p.Tags, name)
		if i < 0 {
			return nil, "", workflow.Errorf(workflow.CodeNotFound, "workflow %q has no property tag of that name", wf)
		}
		merged := *p
		merged.Tags = slices.Delete(slices.Clone(p.Tags), i, i+1)
		return &merged, fmt.Sprintf("deleted the property tag %q", name), nil
	})
}

func tagIndex(tags []workflow.Tag, name string) int {
	return slices.IndexFunc(tags, func(t workflow.Tag) bool { return t.Name == name })
}

// change makes edited properties the current ones.
func (c *Catalog) change(ctx context.Context, user workflow.User, wf workflow.ID,
	edit func(*workflow.Properties) (*workflow.Properties, string, error)) (*Snapshot, error) {
	var before, after *strategy.Head
	var timed bool
	var signalled bool
	err := c.Again(ctx, func() error {
		p, err := c.find(ctx, wf)
		if err != nil {
			return err
		}
		properties, text, err := edit(p.properties)
		if err != nil {
			return err
		}
		if err := c.checkStrategy(ctx, p, strategyOf(properties)); err != nil {
			return err
		}
		before, after = p.head, p.head.Clone()
		if after.Properties, err = c.stageSnapshot(ctx, p, user.Name, properties); err != nil {
			return err
		}
		line := record.TimelineNote{Author: user.Name, Log: text, At: c.now(),
			Change: &record.WorkflowChange{Snapshot: after.Properties, Active: after.Active, Previous: after.Active}}
		govern(after, properties)
		after.ModifiedAt = line.At
		if timed, err = c.watchTimes(ctx, wf, after.Active); err != nil {
			return err
		}
		if signalled, err = c.watchSignals(ctx, wf, after.Active); err != nil {
			return err
		}
		return c.put(ctx, p, after, line)
	})
	if err != nil {
		return nil, err
	}
	if err := c.lookAtTimes(ctx, wf, timed); err != nil {
		return nil, err
	}
	if err := c.listen(ctx, wf, signalled); err != nil {
		return nil, err
	}
	if err := c.released(ctx, wf, before, after); err != nil {
		return nil, err
	}
	return c.readSnapshot(ctx, wf, after.Properties)
}

// describe tells what changed, by the names of fields: values may be private. Owners are named, because a claim
// is for everyone to see.
func describe(before, after *workflow.Properties) string {
	var changed []string
	old, now := fields(before), fields(after)
	for _, name := range now.Keys() {
		was, _ := old.Get(name)
		is, _ := now.Get(name)
		if !reflect.DeepEqual(was, is) {
			changed = append(changed, name)
		}
	}
	for _, name := range old.Keys() {
		if !now.Has(name) {
			changed = append(changed, name)
		}
	}
	if len(changed) == 0 {
		return "updated the properties; nothing changed"
	}
	text := "changed properties: " + strings.Join(changed, ", ")
	if slices.Contains(changed, "owner") {
		text += fmt.Sprintf("; the owner was %q and is %q", ownerName(before), ownerName(after))
	}
	return text
}

func fields(p *workflow.Properties) *workflow.Ordered[json.RawMessage] {
	out := &workflow.Ordered[json.RawMessage]{}
	if err := out.UnmarshalJSON(record.Encode(p)); err != nil {
		panic("catalog: properties do not read back: " + err.Error())
	}
	return out
}

func ownerName(p *workflow.Properties) string {
	if p.Owner == nil {
		return ""
	}
	return p.Owner.Name
}
