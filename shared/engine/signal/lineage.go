package signal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Limits of one look at a lineage.
const (
	MaxHops  = 5
	maxLinks = 500 // all together
	maxUsers = 100 // of one signal
)

// Link says that a run, or a step of it, announced or consumed a signal.
type Link struct {
	Signal string          `json:"signal"`
	Seq    int64           `json:"seq_id"`
	Role   string          `json:"role"` // announced, waited for it, started by it
	Run    workflow.RunKey `json:"run"`
	Step   workflow.StepID `json:"step_id,omitempty"`
	Hop    int             `json:"hop"`
}

// Roles of a link.
const (
	Announced = "ANNOUNCED"
	WaitedFor = "WAITED_FOR"
	StartedBy = "STARTED_BY"
)

// Lineage is a part of who announced and who consumed which signals.
type Lineage struct {
	Links []Link `json:"links"`
	More  bool   `json:"more,omitempty"` // there is more than one look shows
}

// walk goes from signals to runs and from runs to signals.
type walk struct {
	*Signals
	out  Lineage
	seen map[string]bool
	hop  int
}

// OfSignal returns who announced and who consumed a signal, and what those announced and consumed, through hops
// steps on that way. It returns CodeNotFound when there is no such signal.
func (s *Signals) OfSignal(ctx context.Context, name string, seq int64, hops int) (*Lineage, error) {
	w := &walk{Signals: s, seen: map[string]bool{}}
	runs, err := w.signal(ctx, name, seq)
	if err != nil {
		return nil, err
	}
	return w.further(ctx, runs, hops)
}

// OfRun returns which signals a run announced and consumed, who else did, and so on. It returns CodeNotFound when
// there is no such run.
func (s *Signals) OfRun(ctx context.Context, key workflow.RunKey, hops int) (*Lineage, error) {
	if _, err := s.LoadRun(ctx, key); err != nil {
		return nil, err
	}
	return (&walk{Signals: s, seen: map[string]bool{}}).further(ctx, []workflow.RunKey{key}, hops)
}

func (w *walk) further(ctx context.Context, runs []workflow.RunKey, hops int) (*Lineage, error) {
	for w.hop = 1; w.hop <= min(hops, MaxHops) && len(runs) > 0; w.hop++ {
		var next []workflow.RunKey
		for _, key := range runs {
			found, err := w.run(ctx, key)
			if err != nil {
				return nil, err
			}
			for _, link := range found {
				others, err := w.signal(ctx, link.Signal, link.Seq)
				if err != nil {
					return nil, err
				}
				next = append(next, others...)
			}
		}
		runs = next
	}
	return &w.out, nil
}

func (w *walk) fresh(what string) bool {
	known := w.seen[what]
	w.seen[what] = true
	return !known
}

func (w *walk) add(link Link) bool {
	link.Hop = w.hop
	if !w.fresh(fmt.Sprintf("%s/%d %s %s %s", link.Signal, link.Seq, link.Role, link.Run, link.Step)) {
		return false
	}
	if len(w.out.Links) >= maxLinks {
		w.out.More = true
		return false
	}
	w.out.Links = append(w.out.Links, link)
	return true
}

// signal adds who announced and consumed a signal, and returns their runs.
func (w *walk) signal(ctx context.Context, name string, seq int64) ([]workflow.RunKey, error) {
	if !w.fresh(fmt.Sprintf("signal %s/%d", name, seq)) {
		return nil, nil
	}
	in, err := w.Get(ctx, name, seq)
	if err != nil {
		return nil, err
	}
	var runs []workflow.RunKey
	if in.Source != nil {
		w.add(Link{Signal: name, Seq: seq, Role: Announced, Run: in.Source.RunKey, Step: in.Source.Step})
		runs = append(runs, in.Source.RunKey)
	}
	var consumers []board.Consumer
	var more bool
	err = w.Again(ctx, func() (err error) {
		consumers, more, err = w.Board().Consumers(ctx, name, seq, maxUsers)
		return err
	})
	w.out.More = w.out.More || more
	for _, who := range consumers {
		role := WaitedFor
		if who.Step == "" {
			role = StartedBy
		}
		w.add(Link{Signal: name, Seq: seq, Role: role, Run: who.Run, Step: who.Step})
		runs = append(runs, who.Run)
	}
	return runs, err
}

// run returns which signals a run consumed and announced.
func (w *walk) run(ctx context.Context, key workflow.RunKey) ([]Link, error) {
	if !w.fresh("run " + key.String()) {
		return nil, nil
	}
	run, err := w.LoadRun(ctx, key)
	if err != nil {
		return nil, err
	}
	var out []Link
	for _, name := range slices.Sorted(maps.Keys(run.Header.Initiator.SignalIDs)) {
		out = append(out, Link{Signal: name, Seq: run.Header.Initiator.SignalIDs[name], Role: StartedBy, Run: key})
	}
	for i, step := range run.Definition.Steps {
		links, err := w.step(ctx, run, i, step)
		if err != nil {
			return nil, err
		}
		out = append(out, links...)
	}
	for _, link := range out {
		w.add(link)
	}
	return out, nil
}

func (w *walk) step(ctx context.Context, run *decide.Run, i int, step *workflow.Step) ([]Link, error) {
	if run.State.Steps[i].Attempt == 0 {
		return nil, nil
	}
	at, n := run.DetailAt(i)
	detail, err := w.Detail(ctx, at, n, i)
	if err != nil {
		return nil, err
	}
	var out []Link
	for _, d := range detail.Signals {
		if d.Seq != 0 {
			out = append(out, Link{Signal: d.Name, Seq: d.Seq, Role: WaitedFor, Run: run.Key, Step: step.ID})
		}
	}
	for _, a := range detail.Announces {
		if a.Seq != 0 {
			out = append(out, Link{Signal: a.Name, Seq: a.Seq, Role: Announced, Run: run.Key, Step: step.ID})
		}
	}
	return out, nil
}
