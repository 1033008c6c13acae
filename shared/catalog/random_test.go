package catalog_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Whatever is done in whatever order, and at whichever write a process dies: all that the head names is there,
// versions count without gaps within a life, and what was answered well stays.
func TestHeadNamesOnlyWhatIsThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		answered := map[int64]int64{} // version -> internal id
		for range rapid.IntRange(1, 25).Draw(rt, "operations") {
			c, writes := w.catalog, rapid.IntRange(0, 8).Draw(rt, "dies at write (6 and more: never)")
			if writes < 6 {
				n := 0
				c = w.over(func(s store.Store) store.Store {
					return &dying{Store: s, at: func(store.Key) bool { n++; return n > writes }}
				})
			}
			out, err := operation(t, rt, w, c)
			switch workflow.CodeOf(err) {
			case "", workflow.CodeInvalid, workflow.CodeNotFound, workflow.CodeUnavailable:
			default:
				rt.Fatalf("unexpected error: %v", err)
			}
			if err == nil && out != nil {
				answered[number(out)] = out.InternalID
			}
			checkHead(rt, w, answered)
		}
	})
}

func operation(t *testing.T, rt *rapid.T, w *world, c *catalog.Catalog) (*catalog.Definition, error) {
	ctx := t.Context()
	switch rapid.SampledFrom([]string{"push", "push", "inactive", "update", "activate", "deactivate", "start", "delete"}).Draw(rt, "operation") {
	case "push":
		return c.Push(ctx, alice, request(t, "wf", "NoOp", owned))
	case "inactive":
		pushed := request(t, "wf", "NoOp", "")
		pushed.IsActive = false
		return c.Push(ctx, alice, pushed)
	case "update":
		_, err := c.Update(ctx, bob, "wf", update(t, `{"step_concurrency": 3}`))
		return nil, err
	case "activate":
		_, err := c.Activate(ctx, bob, "wf", "latest")
		return nil, err
	case "deactivate":
		_, err := c.Deactivate(ctx, bob, "wf")
		return nil, err
	case "start":
		if _, err := c.Version(ctx, "wf", "active"); err == nil {
			w.Start("wf", "")
		}
		return nil, nil
	}
	_, err := c.Delete(ctx, alice, "wf")
	return nil, err
}

func checkHead(rt *rapid.T, w *world, answered map[int64]int64) {
	ctx := w.t.Context()
	items, err := w.Store.Get(ctx, store.Fresh, record.HeadKey("wf"))
	if err != nil {
		rt.Fatal(err)
	}
	if items[0].Rev == 0 {
		return
	}
	head, err := record.Decode[strategy.Head]("head", items[0].Body)
	if err != nil {
		rt.Fatal(err)
	}
	if head.Deleted {
		return
	}
	if _, err := w.catalog.Properties(ctx, "wf"); err != nil {
		rt.Fatalf("the properties: %v", err)
	}
	for n := head.Oldest; n <= head.Latest; n++ {
		if _, err := w.catalog.Version(ctx, "wf", fmt.Sprint(n)); err != nil {
			rt.Fatalf("version %d of %d to %d: %v", n, head.Oldest, head.Latest, err)
		}
	}
	if head.Active != 0 && !head.HasVersion(head.Active) {
		rt.Fatalf("version %d is active, there are %d to %d", head.Active, head.Oldest, head.Latest)
	}
	for n, internal := range answered {
		if internal == head.InternalID && !head.HasVersion(n) {
			rt.Fatalf("version %d was answered and is not there", n)
		}
	}
}
