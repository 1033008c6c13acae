package view

import (
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Interval is the numbers from First to Last, both included.
type Interval struct{ First, Last int64 }

// Intervals is a set of numbers as documents write it: [1, [3, 7]] are 1 and 3 to 7. The intervals ascend, and
// neither meet nor touch.
type Intervals []Interval

// Add puts a number into the set.
func (s *Intervals) Add(n int64) {
	set := *s
	at, _ := slices.BinarySearchFunc(set, n, func(one Interval, n int64) int { // the first that ends at n-1 or later
		if one.Last < n-1 {
			return -1
		}
		return 1
	})
	switch {
	case at == len(set) || n < set[at].First-1:
		*s = slices.Insert(set, at, Interval{n, n})
	case n < set[at].First:
		set[at].First = n
	case n > set[at].Last:
		set[at].Last = n
		if at+1 < len(set) && set[at+1].First == n+1 {
			set[at].Last = set[at+1].Last
			*s = slices.Delete(set, at+1, at+2)
		}
	}
}

// MarshalJSON writes single numbers as they are, and more as [first, last].
func (i Interval) MarshalJSON() ([]byte, error) {
	if i.First == i.Last {
		return json.Marshal(i.First)
	}
	return json.Marshal([2]int64{i.First, i.Last})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Interval) UnmarshalJSON(data []byte) error {
	var one int64
	if json.Unmarshal(data, &one) == nil {
		*i = Interval{one, one}
		return nil
	}
	var pair [2]int64
	if err := json.Unmarshal(data, &pair); err != nil || pair[0] > pair[1] {
		return workflow.Errorf(workflow.CodeInvalid, "an interval is a number, or the first and the last of several")
	}
	*i = Interval{pair[0], pair[1]}
	return nil
}
