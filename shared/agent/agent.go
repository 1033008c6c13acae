package agent

import (
	"context"
	"errors"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/segue-workflows/segue/shared/workflow"
)

// What is kept, and for how long.
const (
	DefaultTTL  = 300 * time.Second
	DefaultSize = 1000
)

// Secret is one version of a secret, as GetSecretValue answers.
type Secret struct {
	ARN           string   `json:"ARN"`
	Name          string   `json:"Name"`
	VersionID     string   `json:"VersionId"`
	SecretString  string   `json:"SecretString,omitempty"`
	SecretBinary  []byte   `json:"SecretBinary,omitempty"`
	VersionStages []string `json:"VersionStages"`
	CreatedDate   string   `json:"CreatedDate"` // epoch seconds
}

// Query names a version of a secret.
type Query struct {
	ID      string
	Version string
	Stage   string // "": AWSCURRENT, unless a version is named
}

// Back is where secrets come from.
type Back interface {
	// Load returns CodeNotFound, CodeDenied, CodeInvalid, and CodeUnavailable when it may succeed later.
	Load(ctx context.Context, q Query) (*Secret, error)
}

// Agent is a cache in front of a Back. Make it with New.
type Agent struct {
	back Back
	now  func() time.Time
	ttl  time.Duration

	mu     sync.Mutex
	kept   *lru.Cache[Query, entry]
	flight map[Query]chan struct{} // closed when the load that is under way has ended
}

type entry struct {
	secret *Secret
	loaded time.Time
}

// New returns an agent with the default limits.
func New(back Back, now func() time.Time) *Agent {
	kept, err := lru.New[Query, entry](DefaultSize)
	if err != nil {
		panic("agent: " + err.Error()) // the size is a constant
	}
	return &Agent{back: back, now: now, ttl: DefaultTTL, kept: kept, flight: map[Query]chan struct{}{}}
}

// Get returns a secret: the kept one while it is young, unless refresh asks for a new one. When the back end fails for
// a while, the kept one is returned whatever its age. It returns the errors of the back end.
func (a *Agent) Get(ctx context.Context, q Query, refresh bool) (*Secret, error) {
	for {
		a.mu.Lock()
		found, ok := a.kept.Get(q)
		if ok && !refresh && a.now().Sub(found.loaded) < a.ttl {
			a.mu.Unlock()
			return found.secret, nil
		}
		under, busy := a.flight[q]
		if !busy {
			under = make(chan struct{})
			a.flight[q] = under
			a.mu.Unlock()
			return a.load(ctx, q, found, under)
		}
		a.mu.Unlock()
		select { // many ask for one secret at once: one of them loads it
		case <-under:
			refresh = false
		case <-ctx.Done():
			return nil, workflow.Errorf(workflow.CodeUnavailable, "interrupted: %w", ctx.Err())
		}
	}
}

func (a *Agent) load(ctx context.Context, q Query, old entry, done chan struct{}) (*Secret, error) {
	secret, err := a.back.Load(ctx, q)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.flight, q)
	close(done)
	switch {
	case err == nil:
		a.kept.Add(q, entry{secret, a.now()})
	case errors.Is(err, workflow.ErrUnavailable) && old.secret != nil:
		return old.secret, nil
	case !errors.Is(err, workflow.ErrUnavailable):
		a.kept.Remove(q) // it was taken away, or we were
	}
	return secret, err
}

// Secret returns the text of a secret, as secret.Source wants it.
func (a *Agent) Secret(ctx context.Context, name, version, stage string) (string, error) {
	found, err := a.Get(ctx, Query{ID: name, Version: version, Stage: stage}, false)
	if err != nil {
		return "", err
	}
	return found.text(), nil
}

// text is the value of a secret, whichever of the two it has.
func (s *Secret) text() string {
	if s.SecretString == "" && len(s.SecretBinary) > 0 {
		return string(s.SecretBinary)
	}
	return s.SecretString
}
