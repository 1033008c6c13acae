package template

import (
	"context"
	"encoding/json"
	"regexp"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TTL is how long a template is believed without being read again.
const TTL = time.Minute

// Default is the version of a template for steps that name none.
const Default = "default"

// maxListed bounds a list of templates.
const maxListed = 1000

// Templates are the job templates of a deployment.
type Templates struct {
	Store store.Store
	Now   func() time.Time

	mu    sync.Mutex
	cache map[name]cached
}

// name names one version of a template.
type name struct{ kind, version string }

type cached struct {
	document *Document // nil: there is none
	until    time.Time
}

// maxCached bounds the cache; beyond it, it begins anew.
const maxCached = 1000

// Document is a template as it is stored and answered.
type Document struct {
	Author   string
	Created  int64 // epoch milliseconds
	Template *workflow.JobTemplate
}

// MarshalJSON writes the document of the API: all but the definition is metadata.
func (d *Document) MarshalJSON() ([]byte, error) {
	plain, err := json.Marshal(d.Template)
	if err != nil {
		return nil, err
	}
	var metadata, out workflow.Ordered[any]
	var fields workflow.Ordered[json.RawMessage]
	if err := json.Unmarshal(plain, &fields); err != nil {
		return nil, err
	}
	for key, value := range fields.All() {
		if key != "definition" {
			metadata.Set(key, value)
		}
	}
	metadata.Set("create_time", d.Created)
	metadata.Set("version_author", d.Author)
	out.Set("metadata", &metadata)
	out.Set("definition", &d.Template.Definition)
	return out.MarshalJSON()
}

// stored is the body of an item.
type stored struct {
	Author  string          `json:"author"`
	Created int64           `json:"created"`
	Body    json.RawMessage `json:"body"`
}

// part is where all templates are: a workflow of this name cannot exist.
const part = "w/~templates"

var possible = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

func (n name) key() store.Key { return store.Key{Part: part, Sort: n.kind + "/" + n.version} }

func (n name) check() error {
	if !possible.MatchString(n.kind) || !possible.MatchString(n.version) {
		return workflow.Errorf(workflow.CodeInvalid, "the type and the version of a job template are texts of 1 to 128 letters, digits, dots, dashes and underscores")
	}
	return nil
}

// Push stores a version of a template, in the place of what it was before. It returns CodeInvalid when a parent is
// missing or inherits from it.
func (t *Templates) Push(ctx context.Context, user workflow.User, template *workflow.JobTemplate) (*Document, error) {
	n := name{template.Definition.JobType, template.Definition.Version}
	if err := n.check(); err != nil {
		return nil, err
	}
	document := &Document{Author: user.Name, Created: t.Now().UnixMilli(), Template: template}
	look := func(other name) (*Document, error) {
		if other == n {
			return document, nil
		}
		return t.read(ctx, other)
	}
	if _, err := resolve(n, look, nil); err != nil {
		return nil, err
	}
	body, err := json.Marshal(template)
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the job template cannot be written")
	}
	item := store.Item{Key: n.key(), Body: record.Encode(stored{document.Author, document.Created, body})}
	if err := t.Store.Put(ctx, store.Write{Item: item}); err != nil {
		return nil, unavailable(err)
	}
	t.forget(n)
	return document, nil
}

// Load returns a version of a template. It returns CodeNotFound when there is none.
func (t *Templates) Load(ctx context.Context, kind, version string) (*Document, error) {
	return t.read(ctx, name{kind, version})
}

// List returns the templates that have a version, by type.
func (t *Templates) List(ctx context.Context, version string) ([]*Document, error) {
	out := []*Document{}
	for from := ""; ; {
		items, next, err := t.Store.List(ctx, store.Range{Part: part, From: from, Limit: maxListed})
		if err != nil {
			return nil, unavailable(err)
		}
		for _, item := range items {
			document, err := decode(item)
			if err != nil {
				return nil, err
			}
			if document.Template.Definition.Version == version {
				out = append(out, document)
			}
		}
		if from = next; next == "" || len(out) >= maxListed {
			return out, nil
		}
	}
}

// Remove takes a version of a template away. It returns CodeNotFound when there is none. What inherits from it
// cannot be resolved any more.
func (t *Templates) Remove(ctx context.Context, kind, version string) (*Document, error) {
	n := name{kind, version}
	document, err := t.read(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := t.Store.Put(ctx, store.Write{Item: store.Item{Key: n.key()}}); err != nil {
		return nil, unavailable(err)
	}
	t.forget(n)
	return document, nil
}

// read reads a template past the cache.
func (t *Templates) read(ctx context.Context, n name) (*Document, error) {
	if n.check() != nil {
		return nil, missing(n)
	}
	items, err := t.Store.Get(ctx, store.Fresh, n.key())
	if err != nil {
		return nil, unavailable(err)
	}
	if items[0].Rev == 0 {
		return nil, missing(n)
	}
	return decode(items[0])
}

// known reads a template through the cache, which also remembers that there is none.
func (t *Templates) known(ctx context.Context, n name) (*Document, error) {
	now := t.Now()
	t.mu.Lock()
	found, ok := t.cache[n]
	t.mu.Unlock()
	if ok && now.Before(found.until) {
		if found.document == nil {
			return nil, missing(n)
		}
		return found.document, nil
	}
	document, err := t.read(ctx, n)
	if err != nil && workflow.CodeOf(err) != workflow.CodeNotFound {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cache == nil || len(t.cache) >= maxCached {
		t.cache = map[name]cached{}
	}
	t.cache[n] = cached{document, now.Add(TTL)}
	return document, err
}

func (t *Templates) forget(n name) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.cache, n)
}

func decode(item store.Item) (*Document, error) {
	body, err := record.Decode[stored]("job template", item.Body)
	if err != nil {
		return nil, err
	}
	template, err := definition.ParseJobTemplate(body.Body, definition.JSON)
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "a stored job template cannot be read")
	}
	return &Document{Author: body.Author, Created: body.Created, Template: template}, nil
}

func missing(n name) error {
	return workflow.Errorf(workflow.CodeNotFound, "there is no job template %q of version %q", n.kind, n.version)
}

func unavailable(err error) error {
	return &workflow.Error{Code: workflow.CodeUnavailable, Op: "job templates", Text: "the store did not answer", Cause: err}
}
