package memory

import "container/heap"

// expiries orders records by their end. A record that was replaced meanwhile is found out when its
// turn comes, which is cheaper than to look for it at every write.
type expiries []*record

func (e expiries) Len() int           { return len(e) }
func (e expiries) Less(i, j int) bool { return e[i].Expire.Before(e[j].Expire) }
func (e expiries) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }

// Push is for container/heap.
func (e *expiries) Push(x any) { *e = append(*e, x.(*record)) }

// Pop is for container/heap.
func (e *expiries) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*e = old[:len(old)-1]
	return last
}

func (e *expiries) add(r *record) {
	if !r.Expire.IsZero() {
		heap.Push(e, r)
	}
}

// expire removes what has expired. Every call of the store begins with it, so that guards and
// reads agree on what is there.
func (s *Store) expire() {
	if len(s.expiries) == 0 {
		return
	}
	now := s.now()
	for len(s.expiries) > 0 && !s.expiries[0].Expire.After(now) {
		r := heap.Pop(&s.expiries).(*record)
		if s.find(r.Key) == r {
			s.partitions[r.Part].remove(r.Sort)
		}
	}
}
