package world

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
)

// What calls take on AWS, at the median.
const (
	WriteTime = 5 * time.Millisecond
	ReadTime  = 4 * time.Millisecond
	SendTime  = 6 * time.Millisecond
)

// KeyUnits is how many write units a second DynamoDB takes for one key.
const KeyUnits = 1000

// Hot is the memory store as slow as DynamoDB is, and as unwilling: a key that is written with more than KeyUnits a second
// is throttled, and the write is tried again as the adapter for DynamoDB does. It lends nothing: DynamoDB often does.
type Hot struct {
	*memory.Store

	mu        sync.Mutex
	left      map[store.Key]allowance
	written   map[store.Key]int
	throttled int
}

type allowance struct {
	units float64
	at    time.Time
}

// NewHot returns an empty store.
func NewHot() *Hot {
	return &Hot{Store: memory.NewStore(time.Now), left: map[store.Key]allowance{}, written: map[store.Key]int{}}
}

// Get reads items.
func (h *Hot) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	time.Sleep(ReadTime)
	return h.Store.Get(ctx, how, keys...)
}

// List reads a range.
func (h *Hot) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	time.Sleep(ReadTime)
	return h.Store.List(ctx, r)
}

// Put writes when the key takes it, at the tenth try at the latest.
func (h *Hot) Put(ctx context.Context, w store.Write) error {
	units := meter.WriteUnits(0, meter.PackedSize(w.Item))
	for try := range 10 {
		time.Sleep(WriteTime)
		if h.take(w.Key, units, time.Now()) {
			return h.Store.Put(ctx, w)
		}
		pause := min(25*time.Millisecond<<try, time.Second)
		time.Sleep(time.Duration(rand.Float64() * float64(pause)))
	}
	return store.ErrThrottled
}

// take takes units from what a key has left. It never has more than a tenth of a second's.
func (h *Hot) take(key store.Key, units int, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	left, known := h.left[key]
	if !known {
		left = allowance{KeyUnits / 10, now}
	}
	left.units = min(KeyUnits/10, left.units+now.Sub(left.at).Seconds()*KeyUnits)
	left.at = now
	taken := left.units >= float64(units)
	if taken {
		left.units -= float64(units)
		h.written[key] += units
	} else {
		h.throttled++
	}
	h.left[key] = left
	return taken
}

// Units returns how many units a key was written with.
func (h *Hot) Units(key store.Key) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.written[key]
}

// Throttled returns how many writes were refused because of the pace.
func (h *Hot) Throttled() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.throttled
}
