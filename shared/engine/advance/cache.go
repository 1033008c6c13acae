package advance

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// The items in here never change, so they may be kept for good; what bounds them is memory.
type cache struct {
	definitions *lru.Cache[store.Key, *decide.Definition]
	headers     *lru.Cache[workflow.RunKey, *record.Header]
	commits     *lru.Cache[store.Key, *record.Commit]
}

const (
	cachedDefinitions = 256
	cachedHeaders     = 2048
	cachedCommits     = 2048
	largestCached     = 32 << 10 // bytes of a body; larger ones are read again
)

func newCache() *cache {
	return &cache{newLRU[store.Key, *decide.Definition](cachedDefinitions),
		newLRU[workflow.RunKey, *record.Header](cachedHeaders),
		newLRU[store.Key, *record.Commit](cachedCommits)}
}

func newLRU[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](size)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return cache
}
