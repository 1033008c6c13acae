package tree

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// frames is what a step at work looks like, frame by frame.
var frames = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

const frameEvery = 100 * time.Millisecond

type (
	frame struct{} // it is time for the next frame
	ended struct{} // the run has ended: leave the screen to the last, whole drawing
)

// model is the moving tree.
type model struct {
	painter *Painter
	clock   Clock
	view    View
	frame   int
	over    bool
}

// Init begins the movement.
func (m *model) Init() tea.Cmd { return next() }

func next() tea.Cmd { return tea.Tick(frameEvery, func(time.Time) tea.Msg { return frame{} }) }

// Update takes a newer view, or moves on by one frame.
func (m *model) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case View:
		m.view = message
	case frame:
		m.frame++
		return m, next()
	case ended:
		m.over = true
		return m, tea.Quit
	}
	return m, nil
}

// View draws the tree.
func (m *model) View() string {
	if m.over || m.view.Workflow == "" {
		return ""
	}
	return m.painter.Tree(m.view, m.clock.Now(), frames[m.frame%len(frames)])
}
