package tree

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// frames is what a step at work looks like, frame by frame.
var frames = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// Size returns the columns and rows of a terminal.
type Size func() (columns, rows int, err error)

// The control sequences that the drawing needs: every terminal of the last forty years knows them.
const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	clearBelow = "\x1b[J"
	upLines    = "\x1b[%dA"
)

// screen draws a text over the one that it drew before. A library for that (bubbletea) asks the terminal for its
// colours when the program starts, which costs every command up to five seconds where nothing answers.
type screen struct {
	out   io.Writer
	size  Size
	drawn int // lines
	frame int
}

// draw replaces what was drawn before, cut to what the terminal can show: a line that wraps, or a text that
// scrolls, could not be drawn over.
func (s *screen) draw(text string) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if columns, rows, err := s.size(); err == nil && columns > 0 && rows > 1 {
		lines = fit(lines, rows-1)
		for i, line := range lines {
			lines[i] = lipgloss.NewStyle().MaxWidth(columns).Render(line)
		}
	}
	_, _ = io.WriteString(s.out, hideCursor+s.back()+strings.Join(lines, "\n")+"\n")
	s.drawn = len(lines)
}

// fit leaves out lines in the middle: the heading and the end, with the summary, say most.
func fit(lines []string, rows int) []string {
	if len(lines) <= rows || rows < 3 {
		return lines[max(len(lines)-rows, 0):]
	}
	left := len(lines) - rows + 1
	out := append([]string{lines[0]}, fmt.Sprintf("  … %d more", left))
	return append(out, lines[len(lines)-rows+2:]...)
}

// clear removes what was drawn and gives the cursor back.
func (s *screen) clear() {
	_, _ = io.WriteString(s.out, s.back()+showCursor)
	s.drawn = 0
}

func (s *screen) back() string {
	if s.drawn == 0 {
		return ""
	}
	return "\r" + fmt.Sprintf(upLines, s.drawn) + clearBelow
}

// spinner returns the next frame.
func (s *screen) spinner() string {
	s.frame++
	return frames[s.frame%len(frames)]
}
