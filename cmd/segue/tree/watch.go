package tree

import (
	"context"
	"fmt"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Clock is where a watcher gets its time from.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// pollEvery is how often a watched run is looked at.
const pollEvery = 150 * time.Millisecond

// Watcher shows a run until it has ended.
type Watcher struct {
	Client *client.Client
	Clock  Clock
	Out    io.Writer
	Moving bool // Out is a terminal: draw the tree again and again
}

// Quiet makes the watcher show nothing.
func (w *Watcher) Quiet() { w.Out, w.Moving = io.Discard, false }

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
	if w.Moving {
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
	for {
		v, err := w.Load(ctx, key)
		if err != nil {
			return v, err
		}
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
	painter := NewPainter(w.Out)
	// Without input the terminal stays as it is, and Ctrl-C reaches the context like everywhere else.
	program := tea.NewProgram(&model{painter: painter, clock: w.Clock}, tea.WithOutput(w.Out), tea.WithInput(nil),
		tea.WithContext(ctx), tea.WithoutSignalHandler())
	var last View
	var failure error
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		last, failure = w.follow(ctx, key, func(v View) { program.Send(v) })
		program.Send(ended{})
	}()
	if _, err := program.Run(); err != nil && ctx.Err() == nil {
		return last, err
	}
	<-followed
	if failure != nil {
		return last, failure
	}
	_, err := fmt.Fprint(w.Out, painter.Tree(last, w.Clock.Now(), "●"))
	return last, err
}
