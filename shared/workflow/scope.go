package workflow

import (
	"fmt"
	"strings"
)

// Scope narrows a breakpoint to some attempts of its step; a number that is 0 matches all.
type Scope struct{ Version, Instance, Run, Attempt int64 }

// String says it to people: "instance 3, attempt 2", or "all instances".
func (s Scope) String() string {
	var parts []string
	for _, part := range []struct {
		name string
		n    int64
	}{{"version", s.Version}, {"instance", s.Instance}, {"run", s.Run}, {"attempt", s.Attempt}} {
		if part.n != 0 {
			parts = append(parts, fmt.Sprintf("%s %d", part.name, part.n))
		}
	}
	if len(parts) == 0 {
		return "all instances"
	}
	return strings.Join(parts, ", ")
}
