package permit_test

import (
	"testing"

	"github.com/segue-workflows/segue/shared/engine/permit"
)

func TestStandingInTheQueueOfATag(t *testing.T) {
	t.Parallel()
	two := int64(2)
	tag := permit.Tag{Name: "a", Inline: 7}
	queueOf := func(n int) (queue []permit.Ticket) {
		for i := range n {
			queue = append(queue, permit.Ticket{Holder: who(10 + i), Since: int64(i)})
		}
		return queue
	}
	for name, tt := range map[string]struct {
		who     int
		holders int
		queue   []permit.Ticket
		place   int
		ok      bool
	}{
		"first":                      {10, 2, queueOf(3), 1, true},
		"last":                       {12, 2, queueOf(3), 3, true},
		"who holds one stands not":   {1, 2, queueOf(3), 0, false},
		"nor does who never asked":   {99, 2, queueOf(3), 0, false},
		"who is being handed one":    {10, 1, queueOf(3), 1, true},
		"far behind":                 {999, 2, queueOf(permit.MaxPlaces), 0, true},
		"not where there is a place": {999, 1, queueOf(permit.MaxPlaces), 0, false},
	} {
		pool := &permit.Pool{Limit: &two}
		for n := range tt.holders {
			pool.Take(who(n+1), 1)
		}
		got, ok := pool.Stand(tag, tt.queue, who(tt.who))
		if ok != tt.ok || got.Place != tt.place || got.Limit != 2 || len(got.Holders) != tt.holders {
			t.Errorf("%s: %+v %v", name, got, ok)
		}
	}
}
