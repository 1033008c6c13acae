package tree

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Clock is where a watcher gets its time from.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// pollEvery is how often a watched run is looked at.
const pollEvery = 120 * time.Millisecond

// Watcher shows a run until it has ended.
type Watcher struct {
	Client *client.Client
	Clock  Clock
	Out    io.Writer
	Size   Size // of the terminal that Out is, to draw the tree again and again; nil: Out is none
}

// Quiet makes the watcher show nothing.
func (w *Watcher) Quiet() { w.Out, w.Size = io.Discard, nil }

// Load returns the run as it is.
func (w *Watcher) Load(ctx context.Context, key workflow.RunKey) (View, error) {
	run, err := w.Client.LoadRun(ctx, key)
	if err != nil {
		return View{}, err
	}
	attempts, err := w.Client.Attempts(ctx, key)
	if err != nil {
		return View{}, err
	}
	if run.Workflow == nil {
		definition, err := w.Client.Version(ctx, key.Workflow, fmt.Sprint(run.Version))
		if err != nil {
			return View{}, err
		}
		run.Workflow = &definition.Workflow
	}
	return Build(run, attempts), nil
}

// Watch shows the run until it has ended, then once more as a whole, and returns it.
func (w *Watcher) Watch(ctx context.Context, key workflow.RunKey) (View, error) {
	if w.Size != nil {
		return w.watchMoving(ctx, key)
	}
	lines := newLines(w.Out)
	last, err := w.follow(ctx, key, lines.show)
	if err != nil {
		return last, err
	}
	_, err = fmt.Fprintln(w.Out, NewPainter(w.Out).Summary(last, w.Clock.Now()))
	return last, err
}

// follow calls show with every look at the run until it has ended.
func (w *Watcher) follow(ctx context.Context, key workflow.RunKey, show func(View)) (View, error) {
	var last View
	for {
		v, err := w.Load(ctx, key)
		if err != nil {
			return last, err
		}
		last = v
		show(v)
		if v.Status.Terminal() {
			return v, nil
		}
		if err := w.Clock.Sleep(ctx, pollEvery); err != nil {
			return v, err
		}
	}
}

// watchMoving draws the tree again and again on a terminal.
func (w *Watcher) watchMoving(ctx context.Context, key workflow.RunKey) (View, error) {
	painter, screen := NewPainter(w.Out), &screen{out: w.Out, size: w.Size}
	last, err := w.follow(ctx, key, func(v View) { screen.draw(painter.Tree(v, w.Clock.Now(), screen.spinner())) })
	screen.clear()
	if last.Workflow != "" {
		_, _ = fmt.Fprint(w.Out, painter.Tree(last, w.Clock.Now(), "●"))
	}
	return last, err
}
