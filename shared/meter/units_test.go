package meter

import (
	"testing"

	"github.com/segue-workflows/segue/shared/store"
)

func TestUnits(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want int
	}{
		{"nothing is free", WriteUnits(0, 0), 1},
		{"a kilobyte", WriteUnits(0, 1024), 1},
		{"a byte more", WriteUnits(0, 1025), 2},
		{"the larger of both counts", WriteUnits(5000, 10), 5},
		{"transaction", TransactionUnits(0, 1500), 4},
		{"absent, fresh", ReadHalves(0, store.Fresh), 2},
		{"absent, stale", ReadHalves(0, store.Stale), 1},
		{"four kilobytes, stale", ReadHalves(4096, store.Stale), 1},
		{"a byte more, fresh", ReadHalves(4097, store.Fresh), 4},
		{"empty receive", QueueRequests(0), 1},
		{"64 KB", QueueRequests(64 << 10), 1},
		{"256 KB", QueueRequests(256 << 10), 4},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, tt.got, tt.want)
		}
	}
}

func TestNilMeterCountsNothing(t *testing.T) {
	var m *Meter
	m.Write(1)
	m.Refuse(1)
	m.Read(1)
	m.Call()
	m.Queue(1)
	if m.Snapshot() != (Snapshot{}) {
		t.Error("a nil meter counted")
	}
}

func TestSnapshotSub(t *testing.T) {
	m := &Meter{}
	m.Write(2)
	before := m.Snapshot()
	m.Write(3)
	m.Refuse(1)
	m.Read(3)
	m.Queue(4)
	m.Call()
	if got, want := m.Snapshot().Sub(before), (Snapshot{WriteUnits: 4, ReadUnits: 1.5, QueueRequests: 4, Calls: 1, Refused: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
