package control

import (
	"context"
	"fmt"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TagPermit is the document of a tag's limit; fields of the user's own come after ours.
type TagPermit struct {
	Tag      string
	Allowed  int64
	Timeline workflow.Timeline
	Extra    *workflow.Ordered[any]
}

// MarshalJSON writes the extra fields inline.
func (p TagPermit) MarshalJSON() ([]byte, error) {
	var doc workflow.Ordered[any]
	doc.Set("tag", p.Tag)
	doc.Set("max_allowed", p.Allowed)
	doc.Set("timeline", p.Timeline)
	for key, value := range p.Extra.All() {
		doc.Set(key, value)
	}
	return doc.MarshalJSON()
}

// permitNote is what is kept about a limit beside the limit itself.
type permitNote struct {
	Timeline workflow.Timeline      `json:"timeline"`
	Extra    *workflow.Ordered[any] `json:"extra,omitzero"`
}

// SetTagPermit limits how many attempts with a tag run together; 0 blocks them all.
func (c *Control) SetTagPermit(ctx context.Context, body *definition.TagPermit, who Who) (*TagPermit, error) {
	note, err := c.permitNote(ctx, body.Tag)
	if err != nil {
		return nil, err
	}
	note.Timeline = note.Timeline.Add(c.event("UPSERT", who, fmt.Sprintf("at most %d attempts together", body.Max)))
	note.Extra = body.Extras
	if note.Extra.Has("timeline") { // of a document that was read before: it is the server's own
		note.Extra.Delete("timeline")
	}
	if err := c.put(ctx, record.PermitNoteKey(body.Tag), note); err != nil {
		return nil, err
	}
	// The limit comes last: it is what counts, and whoever dies before it has changed nothing that runs.
	if err := c.SetLimit(ctx, body.Tag, &body.Max); err != nil {
		return nil, err
	}
	return &TagPermit{body.Tag, body.Max, note.Timeline, note.Extra}, nil
}

// TagPermit returns the limit of a tag. It returns CodeNotFound when it has none.
func (c *Control) TagPermit(ctx context.Context, tag string) (*TagPermit, error) {
	pool, err := c.Pool(ctx, tag)
	if err != nil {
		return nil, err
	}
	if pool.Limit == nil {
		return nil, workflow.Errorf(workflow.CodeNotFound, "tag %q has no limit", tag)
	}
	note, err := c.permitNote(ctx, tag)
	if err != nil {
		return nil, err
	}
	return &TagPermit{tag, *pool.Limit, note.Timeline, note.Extra}, nil
}

// RemoveTagPermit takes the limit of a tag away; attempts that wait for it go on. It returns CodeNotFound when it has none.
func (c *Control) RemoveTagPermit(ctx context.Context, tag string, who Who) (workflow.Event, error) {
	if _, err := c.TagPermit(ctx, tag); err != nil {
		return workflow.Event{}, err
	}
	if err := c.SetLimit(ctx, tag, nil); err != nil {
		return workflow.Event{}, err
	}
	return c.event("DELETE", who, fmt.Sprintf("the tag %q has no limit any more", tag)), c.remove(ctx, record.PermitNoteKey(tag))
}

func (c *Control) permitNote(ctx context.Context, tag string) (*permitNote, error) {
	items, err := c.Store.Get(ctx, store.Fresh, record.PermitNoteKey(tag))
	if err != nil {
		return nil, unavailable(err)
	}
	if items[0].Rev == 0 {
		return &permitNote{}, nil
	}
	return record.Decode[permitNote]("permit note", items[0].Body)
}
