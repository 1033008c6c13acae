package strategy

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
)

// Queue holds the runs that wait, in the order in which they may begin: by instance, then by run. First runs
// of consecutive instances are one span, so that ten thousand waiting starts are one line of the head.
type Queue struct {
	spans    []Span // of first runs, ascending and apart
	restarts []Ref  // later runs, ascending
}

// Span is the first runs of the instances from From to To.
type Span struct{ From, To int64 }

// QueueOf returns a queue of the refs.
func QueueOf(refs ...Ref) Queue {
	var q Queue
	for _, ref := range refs {
		q.Add(ref)
	}
	return q
}

// queueWire is the stored form: spans as [from, to], restarts as [instance, run].
type queueWire struct {
	Spans    [][2]int64 `json:"s,omitempty"`
	Restarts []Ref      `json:"r,omitempty"`
}

// MarshalJSON writes the stored form.
func (q Queue) MarshalJSON() ([]byte, error) {
	wire := queueWire{Restarts: q.restarts}
	for _, span := range q.spans {
		wire.Spans = append(wire.Spans, [2]int64{span.From, span.To})
	}
	return json.Marshal(wire)
}

// UnmarshalJSON reads the stored form.
func (q *Queue) UnmarshalJSON(data []byte) error {
	var wire queueWire
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*q = Queue{restarts: wire.Restarts}
	for _, span := range wire.Spans {
		q.spans = append(q.spans, Span{span[0], span[1]})
	}
	return nil
}

// IsZero tells whether nobody waits, so that `omitzero` leaves the queue out of JSON.
func (q Queue) IsZero() bool { return len(q.spans) == 0 && len(q.restarts) == 0 }

// Len returns how many runs wait.
func (q Queue) Len() int {
	n := int64(len(q.restarts))
	for _, span := range q.spans {
		n += span.To - span.From + 1
	}
	return int(n)
}

// Restarts returns how many of them are restarts: those cost room in the head.
func (q Queue) Restarts() int { return len(q.restarts) }

// Has tells whether ref waits.
func (q Queue) Has(ref Ref) bool {
	if ref.Run != 1 {
		_, found := slices.BinarySearchFunc(q.restarts, ref, compare)
		return found
	}
	i, found := q.find(ref.Instance)
	return found && q.spans[i].From <= ref.Instance
}

// find returns the first span that ends at or after the instance, and whether there is one.
func (q Queue) find(instance int64) (int, bool) {
	i, _ := slices.BinarySearchFunc(q.spans, instance, func(s Span, n int64) int { return cmp.Compare(s.To, n) })
	return i, i < len(q.spans)
}

func compare(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Run, b.Run))
}

// First returns the run that may begin next, and whether anybody waits.
func (q Queue) First() (Ref, bool) {
	switch {
	case len(q.spans) == 0 && len(q.restarts) == 0:
		return Ref{}, false
	case len(q.spans) == 0, len(q.restarts) > 0 && q.restarts[0].Instance < q.spans[0].From:
		return q.restarts[0], true
	}
	return Ref{q.spans[0].From, 1}, true
}

// Add puts ref into its place. Adding it twice changes nothing.
func (q *Queue) Add(ref Ref) {
	if ref.Run != 1 {
		if i, found := slices.BinarySearchFunc(q.restarts, ref, compare); !found {
			q.restarts = slices.Insert(q.restarts, i, ref)
		}
		return
	}
	if q.Has(ref) {
		return
	}
	i, _ := q.find(ref.Instance)
	q.spans = slices.Insert(q.spans, i, Span{ref.Instance, ref.Instance})
	if i+1 < len(q.spans) && q.spans[i+1].From == ref.Instance+1 {
		q.spans[i].To = q.spans[i+1].To
		q.spans = slices.Delete(q.spans, i+1, i+2)
	}
	if i > 0 && q.spans[i-1].To == ref.Instance-1 {
		q.spans[i-1].To = q.spans[i].To
		q.spans = slices.Delete(q.spans, i, i+1)
	}
}

// Remove takes ref out and tells whether it waited.
func (q *Queue) Remove(ref Ref) bool {
	if !q.Has(ref) {
		return false
	}
	if ref.Run != 1 {
		q.restarts = slices.DeleteFunc(q.restarts, func(r Ref) bool { return r == ref })
		return true
	}
	i, _ := q.find(ref.Instance)
	span := q.spans[i]
	var rest []Span
	if span.From < ref.Instance {
		rest = append(rest, Span{span.From, ref.Instance - 1})
	}
	if ref.Instance < span.To {
		rest = append(rest, Span{ref.Instance + 1, span.To})
	}
	q.spans = slices.Replace(q.spans, i, i+1, rest...)
	return true
}

// All yields the waiting runs in order.
func (q Queue) All() iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		rest := q.Clone()
		for ref, ok := rest.First(); ok; ref, ok = rest.First() {
			if !yield(ref) {
				return
			}
			rest.Remove(ref)
		}
	}
}

// Ahead returns how many wait before ref.
func (q Queue) Ahead(ref Ref) int {
	n, last := int64(0), ref.Instance-1
	if ref.Run > 1 {
		last++ // the first run of the same instance
	}
	for _, span := range q.spans {
		n += max(min(span.To, last)-span.From+1, 0)
	}
	for _, restart := range q.restarts {
		if compare(restart, ref) < 0 {
			n++
		}
	}
	return int(n)
}

// Clone returns a copy that shares nothing with q.
func (q Queue) Clone() Queue {
	return Queue{slices.Clone(q.spans), slices.Clone(q.restarts)}
}
