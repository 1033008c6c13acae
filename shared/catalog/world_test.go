package catalog_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

var (
	alice = workflow.User{Name: "alice"}
	bob   = workflow.User{Name: "bob"}
)

// world is an engine with a catalog.
type world struct {
	*enginetest.World
	t       *testing.T
	catalog *catalog.Catalog
}

func newWorld(t *testing.T) *world {
	w := enginetest.New(t, nil)
	return &world{w, t, &catalog.Catalog{Loop: w.Loop}}
}

// over returns a second catalog over the same items, whose store is wrapped.
func (w *world) over(wrap func(store.Store) store.Store) *catalog.Catalog {
	loop := advance.New(advance.Loop{Store: wrap(w.Store), Sender: w.Queue, Clock: w.World, Random: w.Loop.Random, Settings: w.Loop.Settings})
	return &catalog.Catalog{Loop: loop}
}

// request parses a push of the workflow with one step of the type.
func request(t *testing.T, wf, stepType, properties string) *workflow.Request {
	t.Helper()
	text := fmt.Sprintf(`{"workflow": {"id": %q, "steps": [{"step": {"id": "only", "type": %q}}]}`, wf, stepType)
	if properties != "" {
		text += `, "properties": ` + properties
	}
	parsed, err := definition.ParseRequest([]byte(text+"}"), definition.JSON)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func update(t *testing.T, text string) *workflow.PropertiesUpdate {
	t.Helper()
	parsed, err := definition.ParsePropertiesUpdate([]byte(text), definition.JSON)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func (w *world) push(wf, stepType, properties string) *catalog.Definition {
	w.t.Helper()
	out, err := w.catalog.Push(w.t.Context(), alice, request(w.t, wf, stepType, properties))
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) version(wf, name string) int64 {
	w.t.Helper()
	out, err := w.catalog.Version(w.t.Context(), wf, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return number(out)
}

func number(d *catalog.Definition) int64 {
	n, _ := d.Metadata.Get("workflow_version_id")
	return n.(int64)
}

func want(t *testing.T, err error, code workflow.Code) {
	t.Helper()
	if workflow.CodeOf(err) != code {
		t.Errorf("got the error %v, want code %q", err, code)
	}
}

// dying refuses every write from one on: its process is dead.
type dying struct {
	store.Store
	at     func(store.Key) bool // the write at which it dies
	landed bool                 // that write lands, and nobody hears of it
	dead   bool
}

var errDead = fmt.Errorf("%w: dead", store.ErrUnavailable)

func (d *dying) Put(ctx context.Context, w store.Write) error { return d.PutAll(ctx, w) }

func (d *dying) PutAll(ctx context.Context, ws ...store.Write) error {
	if d.dead {
		return errDead
	}
	if d.dead = d.at(ws[0].Key); !d.dead || d.landed {
		if err := d.Store.PutAll(ctx, ws...); err != nil {
			return err
		}
	}
	if d.dead {
		return errDead
	}
	return nil
}

// before runs hook once, right before the first write to a key.
type before struct {
	store.Store
	at   func(store.Key) bool
	hook func()
}

func (b *before) Put(ctx context.Context, w store.Write) error { return b.PutAll(ctx, w) }

func (b *before) PutAll(ctx context.Context, ws ...store.Write) error {
	if hook := b.hook; hook != nil && b.at(ws[0].Key) {
		b.hook = nil
		hook()
	}
	return b.Store.PutAll(ctx, ws...)
}

func isHead(k store.Key) bool { return k.Sort == "head" }
