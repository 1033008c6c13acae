package expression

import (
	"container/list"
	"sync"
)

// cacheSize bounds the programs kept: a few hundred definitions' worth, some megabytes at most.
const cacheSize = 4096

type cacheKey struct{ text, language string }

type cacheEntry struct {
	key     cacheKey
	program *Program
}

// cache keeps the programs used last. A text always compiles to the same program, so that a global one
// cannot be observed but by its speed.
type cache struct {
	mu      sync.Mutex
	limit   int
	entries map[cacheKey]*list.Element
	recent  *list.List // most recent first
}

var programs = newCache(cacheSize)

func newCache(limit int) *cache {
	return &cache{limit: limit, entries: map[cacheKey]*list.Element{}, recent: list.New()}
}

func (c *cache) get(key cacheKey) (*Program, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		return nil, false
	}
	c.recent.MoveToFront(element)
	return element.Value.(cacheEntry).program, true
}

func (c *cache) put(key cacheKey, program *Program) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[key]; ok {
		return // another goroutine compiled the same text
	}
	c.entries[key] = c.recent.PushFront(cacheEntry{key, program})
	if c.recent.Len() > c.limit {
		oldest := c.recent.Remove(c.recent.Back()).(cacheEntry)
		delete(c.entries, oldest.key)
	}
}

// cached returns the program of the key, compiling it if it is not kept. Failures are not kept.
func cached(key cacheKey, compile func() (*Program, error)) (*Program, error) {
	if program, ok := programs.get(key); ok {
		return program, nil
	}
	program, err := compile()
	if err != nil {
		return nil, err
	}
	programs.put(key, program)
	return program, nil
}
