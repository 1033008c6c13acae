package contract_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/test/contract"
)

func TestMemoryStore(t *testing.T) {
	contract.Store(t, func(*testing.T) contract.StoreSubject {
		s := memory.NewStore(time.Now)
		return contract.StoreSubject{Store: s, Feed: s}
	})
}

func TestMemoryQueue(t *testing.T) {
	contract.Queue(t, func(*testing.T) contract.QueueSubject {
		clock := &clock{now: time.Unix(1_000_000, 0)}
		q := memory.NewQueue(clock.Now, memory.QueueConfig{Name: "work", Visibility: 2 * time.Second, MaxReceives: 3, DeadLetter: "dead"})
		pass := func(d time.Duration) {
			clock.pass(d)
			q.Wake()
		}
		return contract.QueueSubject{Queue: q, Name: "work", DeadLetters: "dead", Visibility: 2 * time.Second, Pass: pass}
	})
}

// clock stands still until it is told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newCountedMemory(m *meter.Meter) *memory.Store {
	s := memory.NewStore(time.Now)
	s.Count(m, meter.PackedSize)
	return s
}

// noisyWrite has a body that does not get shorter.
func noisyWrite(sort string, size int) store.Write {
	body := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(body)
	return store.Write{Item: store.Item{Key: store.Key{Part: "p", Sort: sort}, Body: body}}
}
