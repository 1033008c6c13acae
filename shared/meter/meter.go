package meter

import "sync/atomic"

// Meter counts billed units. The zero value is ready; a nil Meter counts nothing.
type Meter struct {
	writeUnits    atomic.Int64
	readHalves    atomic.Int64 // a stale read costs half a unit, so halves are the whole numbers
	queueRequests atomic.Int64
	calls         atomic.Int64
	refused       atomic.Int64
}

// Snapshot is what a Meter has counted so far.
type Snapshot struct {
	WriteUnits    int64
	ReadUnits     float64
	QueueRequests int64
	Calls         int64 // requests to the store, whatever they cost
	Refused       int64 // writes whose guard did not hold; their units are in WriteUnits
}

// Write counts write units of one request.
func (m *Meter) Write(units int) {
	if m != nil {
		m.writeUnits.Add(int64(units))
	}
}

// Refuse counts one write that failed its guard: it costs what it would have cost.
func (m *Meter) Refuse(units int) {
	if m != nil {
		m.writeUnits.Add(int64(units))
		m.refused.Add(1)
	}
}

// Read counts read units, given in halves.
func (m *Meter) Read(halves int) {
	if m != nil {
		m.readHalves.Add(int64(halves))
	}
}

// Call counts one request to the store.
func (m *Meter) Call() {
	if m != nil {
		m.calls.Add(1)
	}
}

// Queue counts requests to a queue.
func (m *Meter) Queue(requests int) {
	if m != nil {
		m.queueRequests.Add(int64(requests))
	}
}

// Snapshot returns the counters. Counts that land meanwhile may be in some fields and not in others.
func (m *Meter) Snapshot() Snapshot {
	if m == nil {
		return Snapshot{}
	}
	return Snapshot{
		WriteUnits:    m.writeUnits.Load(),
		ReadUnits:     float64(m.readHalves.Load()) / 2,
		QueueRequests: m.queueRequests.Load(),
		Calls:         m.calls.Load(),
		Refused:       m.refused.Load(),
	}
}

// Sub returns what was counted since the earlier snapshot.
func (s Snapshot) Sub(earlier Snapshot) Snapshot {
	return Snapshot{
		WriteUnits:    s.WriteUnits - earlier.WriteUnits,
		ReadUnits:     s.ReadUnits - earlier.ReadUnits,
		QueueRequests: s.QueueRequests - earlier.QueueRequests,
		Calls:         s.Calls - earlier.Calls,
		Refused:       s.Refused - earlier.Refused,
	}
}
