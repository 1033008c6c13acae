package tree

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Painter draws views for one output: in colour where that is a terminal that wants them.
type Painter struct {
	good, bad, busy, idle, dim, bold lipgloss.Style
}

// NewPainter returns a painter for out. It honours NO_COLOR.
func NewPainter(out io.Writer) *Painter {
	r := lipgloss.NewRenderer(out)
	color := func(ansi string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(ansi)) }
	return &Painter{good: color("2"), bad: color("1"), busy: color("6"), idle: color("3"),
		dim: r.NewStyle().Faint(true), bold: r.NewStyle().Bold(true)}
}

// Tree draws the whole view: a heading, a line for each step, and the summary when the run has ended. The
// spinner stands before steps that are at work.
func (p *Painter) Tree(v View, now time.Time, spinner string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s\n", p.bold.Render(v.Workflow), p.dim.Render(fmt.Sprintf("instance %d run %d version %d", v.Instance, v.Run, v.Version)))
	p.rows(&out, v, now, spinner, 1)
	out.WriteString(p.Summary(v, now) + "\n")
	return out.String()
}

// rows draws a line for each step, and below it the instances that it started, where the view has them.
func (p *Painter) rows(out *strings.Builder, v View, now time.Time, spinner string, indent int) {
	names, types, statuses := 0, 0, 0
	for _, row := range v.Rows {
		names = max(names, 2*row.Depth+len([]rune(row.Step)))
		types = max(types, len([]rune(row.Type)))
		statuses = max(statuses, len(row.Status.String()))
	}
	for _, row := range v.Rows {
		glyph, style := p.mark(row.Status, spinner)
		line := fmt.Sprintf("%s%s %-*s  %s  %s", strings.Repeat("  ", indent+row.Depth), style.Render(glyph),
			names-2*row.Depth, row.Step, p.dim.Render(fmt.Sprintf("%-*s", types, row.Type)), style.Render(fmt.Sprintf("%-*s", statuses, row.Status)))
		out.WriteString(strings.TrimRight(line+"  "+p.details(row, now), " ") + "\n")
		below := strings.Repeat("  ", indent+row.Depth+1)
		for _, child := range row.Children {
			glyph, style := p.runMark(child.Status)
			fmt.Fprintf(out, "%s%s instance %d: %s (%s)\n", below, style.Render(glyph), child.Instance, style.Render(string(child.Status)), child.counts())
			p.rows(out, child, now, spinner, indent+row.Depth+2)
		}
		if row.Hidden > 0 && len(row.Children) > 0 {
			fmt.Fprintf(out, "%s%s\n", below, p.dim.Render(fmt.Sprintf("… %d more", row.Hidden)))
		}
	}
}

// details says how long a step took, how often it was tried, and why it waits.
func (p *Painter) details(row Row, now time.Time) string {
	var parts []string
	if row.Start != 0 {
		end := row.End
		if end == 0 {
			end = now.UnixMilli()
		}
		parts = append(parts, fmt.Sprintf("%6s", Elapsed(end-row.Start)))
	}
	if row.Attempt > 1 {
		parts = append(parts, fmt.Sprintf("attempt %d", row.Attempt))
	}
	if row.Progress != "" {
		parts = append(parts, row.Progress)
	}
	if row.Reason != "" {
		parts = append(parts, p.dim.Render(row.Reason))
	}
	return strings.Join(parts, "  ")
}

// Summary says in one line how the run stands.
func (p *Painter) Summary(v View, now time.Time) string {
	_, style := p.runMark(v.Status)
	text := fmt.Sprintf("%s instance %d run %d: %s", v.Workflow, v.Instance, v.Run, style.Render(string(v.Status)))
	switch {
	case v.Start != 0 && v.End != 0:
		text += " in " + Elapsed(v.End-v.Start)
	case v.Start != 0:
		text += " since " + Elapsed(now.UnixMilli()-v.Start)
	}
	if counts := v.counts(); counts != "" {
		text += " (" + counts + ")"
	}
	if v.Reason != "" {
		text += ": " + v.Reason
	}
	return text
}

// counts lists how many leaf steps have which status, in the order of a step's life; steps, before the run begins.
func (v View) counts() string {
	number := v.Leaves
	if number == nil {
		number = map[string]int64{}
		for _, row := range v.Rows {
			number[row.Status.String()]++
		}
	}
	var out []string
	for _, status := range workflow.StepStatuses() {
		if n := number[status.String()]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, words(status.String())))
		}
	}
	return strings.Join(out, ", ")
}

// mark returns the glyph and the style of a step's status.
func (p *Painter) mark(status workflow.StepStatus, spinner string) (string, lipgloss.Style) {
	switch status {
	case workflow.Succeeded:
		return "✓", p.good
	case workflow.CompletedWithError:
		return "!", p.idle
	case workflow.FatallyFailed, workflow.InternallyFailed:
		return "✗", p.bad
	case workflow.TimedOut:
		return "◷", p.bad
	case workflow.Stopped:
		return "■", p.bad
	case workflow.UserFailed, workflow.PlatformFailed, workflow.TimeoutFailed:
		return "↻", p.idle
	case workflow.Paused, workflow.WaitingForSignals, workflow.WaitingForPermits:
		return "◌", p.idle
	case workflow.Unsatisfied, workflow.Skipped, workflow.Disabled:
		return "–", p.dim
	case workflow.NotCreated, workflow.Created:
		return "·", p.dim
	}
	return spinner, p.busy
}

func (p *Painter) runMark(status workflow.InstanceStatus) (string, lipgloss.Style) {
	switch status {
	case workflow.InstanceSucceeded:
		return "✓", p.good
	case workflow.InstanceFailed, workflow.InstanceStopped, workflow.InstanceTimedOut:
		return "✗", p.bad
	case workflow.InstanceCreated, workflow.InstancePaused:
		return "◌", p.idle
	}
	return "●", p.busy
}

// Elapsed writes milliseconds as people read them.
func Elapsed(ms int64) string {
	d := time.Duration(max(ms, 0)) * time.Millisecond
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Truncate(time.Second).Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
