package local

import (
	"context"
	crand "crypto/rand"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/embedded"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/rest"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/template"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Options of a Local. The zero value keeps everything in memory and forgets it.
type Options struct {
	Dir      string          // folder of the store; "": memory
	Clock    advance.Clock   // nil: the machine's
	Log      *slog.Logger    // nil: silent
	Settings decide.Settings // of the engine
	Random   func() float64  // jitter; nil: math/rand
	NewID    func() string   // request ids; nil: random UUIDs
	Version  string          // of the program, for people
	Secrets  *secret.Binder  // of jobs; nil: references stay as they are
	Events   []Consumer      // of what happens; none by default
	CatchUp  time.Duration   // how far back missed executions of time triggers are started; 0: 30 days; negative: not at all
	Address  string          // of the API, for jobs that call back: "http://host/api/v3"; "": they are not told
}

// Local is one engine with everything it needs. Make it with Open, let it work with Run, end it with Close.
type Local struct {
	Loop    *advance.Loop
	Trigger *trigger.Trigger
	Times   *schedule.Schedules

	api    http.Handler
	clock  advance.Clock
	log    *slog.Logger
	queues *memory.Queue
	pumps  []*event.Pump
	expiry expiring // nil when the store expires by itself
	closer io.Closer
	tokens *token.Mint
	home   string // the address of the API
	binder *secret.Binder
	close  sync.Once
}

// expiring is a store that has to be told to remove what expired.
type expiring interface {
	Sweep(ctx context.Context, now time.Time) (removed int, err error)
}

// Open opens the store and wires the engine. It fails as embedded.Open does, with a text that says what to do.
func Open(o Options) (*Local, error) {
	o = o.withDefaults()
	l := &Local{clock: o.Clock, log: o.Log, home: o.Address, binder: o.Secrets, queues: memory.NewQueue(o.Clock.Now, queueConfigs()...)}
	items, err := l.openStore(o.Dir)
	if err != nil {
		return nil, err
	}
	templates := &template.Templates{Store: items, Now: o.Clock.Now}
	o.Settings.Params.Template = templates.Find
	l.Loop = advance.New(advance.Loop{Store: items, Sender: l.queues, Clock: o.Clock, Settings: o.Settings, Random: o.Random})
	l.tokens = &token.Mint{Store: items, Entropy: entropy}
	l.Trigger = &trigger.Trigger{Loop: l.Loop, NewID: o.NewID, Parallel: workflow.MaxStartBatch}
	l.pumps = l.newPumps(items, o.Events)
	l.Times = &schedule.Schedules{Loop: l.Loop, Starter: l.Trigger, CatchUp: o.CatchUp}
	l.api = rest.New(rest.Deps{Loop: l.Loop, Trigger: l.Trigger, Catalog: &catalog.Catalog{Loop: l.Loop,
		Listener: &signal.Signals{Trigger: l.Trigger}},
		Version: o.Version, Log: o.Log, Tokens: l.tokens, Templates: templates})
	return l, nil
}

// entropy fills out with random bytes.
func entropy(out []byte) error {
	_, err := crand.Read(out)
	return err
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	o.Settings.Params = o.Settings.Params.WithChance(o.Random, o.NewID)
	return o
}

func (l *Local) openStore(dir string) (store.Store, error) {
	if dir == "" {
		return memory.NewStore(l.clock.Now), nil
	}
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		return nil, err
	}
	l.expiry, l.closer = s, s
	return s, nil
}

// Handler is the REST API. It trusts the user header: who may reach it is the caller's affair.
func (l *Local) Handler() http.Handler { return l.api }

// Close ends the store. Call it after Run has returned.
func (l *Local) Close() error {
	var err error
	l.close.Do(func() {
		if l.closer != nil {
			err = l.closer.Close()
		}
	})
	return err
}
