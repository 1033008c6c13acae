package advance

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// The items in here never change, so they may be kept for good; what bounds them is memory, counted in bytes
// of their bodies (decoded they take a few times as much, and the smallest many times).
type cache struct {
	definitions *kept[store.Key, *decide.Definition]
	properties  *kept[store.Key, *workflow.Properties]
	headers     *kept[workflow.RunKey, *record.Header]
	commits     *kept[store.Key, *record.Commit]
	requests    *kept[store.Key, struct{}]          // that are there
	breakpoints *kept[workflow.ID, heldBreakpoints] // these three change: each says when it was read
	limits      *kept[string, heldLimit]
	crowds      *kept[workflow.ID, heldCrowd]
}

const (
	keptDefinitions = 8 << 20
	keptProperties  = 1 << 20
	keptHeaders     = 16 << 20
	keptCommits     = 8 << 20
	keptRequests    = 1 << 20
	keptBreakpoints = 1 << 20
	keptLimits      = 1 << 20
	keptCrowds      = 1 << 20
	smallest        = 1 << 10 // what the smallest entry is taken to cost
	filledParam     = 256     // and a param of a header: those of an iteration come from its parent and are not in its body
)

func newCache() *cache {
	return &cache{newKept[store.Key, *decide.Definition](keptDefinitions),
		newKept[store.Key, *workflow.Properties](keptProperties),
		newKept[workflow.RunKey, *record.Header](keptHeaders),
		newKept[store.Key, *record.Commit](keptCommits),
		newKept[store.Key, struct{}](keptRequests),
		newKept[workflow.ID, heldBreakpoints](keptBreakpoints),
		newKept[string, heldLimit](keptLimits),
		newKept[workflow.ID, heldCrowd](keptCrowds)}
}

// keepHeader keeps the header of a run, whose body has this many bytes.
func (c *cache) keepHeader(key workflow.RunKey, h *record.Header, bytes int) {
	c.headers.add(key, h, bytes+filledParam*(h.Params.Len()+h.RunParams.Len()))
}

// kept forgets what was not asked for the longest when it holds more than limit bytes.
type kept[K comparable, V any] struct {
	mu    sync.Mutex
	lru   *simplelru.LRU[K, sized[V]]
	bytes int
	limit int
}

type sized[V any] struct {
	value V
	bytes int
}

func newKept[K comparable, V any](limit int) *kept[K, V] {
	k := &kept[K, V]{limit: limit}
	lru, err := simplelru.NewLRU(limit/smallest, func(_ K, old sized[V]) { k.bytes -= old.bytes })
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	k.lru = lru
	return k
}

func (k *kept[K, V]) get(key K) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, ok := k.lru.Get(key)
	return found.value, ok
}

// replace puts what may have changed since it was added.
func (k *kept[K, V]) replace(key K, value V, bytes int) {
	k.forget(key)
	k.add(key, value, bytes)
}

func (k *kept[K, V]) forget(key K) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(key)
}

func (k *kept[K, V]) add(key K, value V, bytes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lru.Contains(key) {
		return // the same item: it never changes
	}
	bytes = max(bytes, smallest)
	k.lru.Add(key, sized[V]{value, bytes})
	for k.bytes += bytes; k.bytes > k.limit && k.lru.Len() > 1; {
		k.lru.RemoveOldest()
	}
}
