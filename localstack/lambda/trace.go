package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// maxHops is after how many invocations Lambda drops an event.
const maxHops = 16

// Trace is the lineage of an event. Lambda hands it to a function, the SDK puts it into the function's calls,
// SQS keeps it with the messages: so it comes back with what the event led to.
type Trace struct {
	Root string
	Hops int // invocations so far, the next one included
}

// NewTrace begins a lineage.
func NewTrace() Trace {
	var random [12]byte
	_, _ = rand.Read(random[:]) // it never fails
	return Trace{Root: "1-00000000-" + hex.EncodeToString(random[:]), Hops: 1}
}

// Follow continues the lineage that a header tells of; without one it begins a new one.
func Follow(header string) Trace {
	trace := Trace{}
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			trace.Root = value
		case "Lineage":
			if hops, err := strconv.Atoi(value[strings.LastIndex(value, ":")+1:]); err == nil {
				trace.Hops = hops
			}
		}
	}
	if trace.Root == "" {
		return NewTrace()
	}
	trace.Hops++
	return trace
}

// Longest returns the longer of two lineages. A batch has one: that of its message which came furthest.
func (t Trace) Longest(other Trace) Trace {
	if other.Hops > t.Hops {
		return other
	}
	return t
}

// String returns the header.
func (t Trace) String() string {
	return fmt.Sprintf("Root=%s;Parent=%016x;Sampled=0;Lineage=1:%08x:%d", t.Root, 1, 1, t.Hops)
}
