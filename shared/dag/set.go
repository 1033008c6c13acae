package dag

import (
	"iter"
	"math/bits"
)

// Set is a set of ordinals. The zero value is empty; a set from one graph has no meaning in another.
type Set []uint64

func newSet(size int) Set { return make(Set, (size+63)/64) }

// Has tells whether ordinal i is in the set.
func (s Set) Has(i int) bool { return i>>6 < len(s) && s[i>>6]&(1<<(i&63)) != 0 }

// Len returns the number of ordinals in the set.
func (s Set) Len() int {
	count := 0
	for _, word := range s {
		count += bits.OnesCount64(word)
	}
	return count
}

// All yields the ordinals in ascending order.
func (s Set) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for w, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(w<<6 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

func (s Set) add(i int) { s[i>>6] |= 1 << (i & 63) }

func (s Set) union(other Set) {
	for w, word := range other {
		s[w] |= word
	}
}
