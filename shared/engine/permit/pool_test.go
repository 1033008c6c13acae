package permit_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/workflow"
)

func who(n int) permit.Holder {
	return permit.Holder{Run: workflow.RunKey{Workflow: "w", Instance: int64(n), Run: 1}, Attempt: 1}
}

// office is tags with their pools and queues, and who needs which.
type office struct {
	pools  map[string]*permit.Pool
	queues map[string][]permit.Ticket
	needs  map[int][]string
}

func newOffice(limits map[string]int64) *office {
	o := &office{pools: map[string]*permit.Pool{}, queues: map[string][]permit.Ticket{}, needs: map[int][]string{}}
	for tag, limit := range limits {
		o.pools[tag] = &permit.Pool{Limit: &limit}
	}
	return o
}

func (o *office) front(tag string) []permit.Ticket {
	return o.queues[tag][:min(len(o.queues[tag]), o.pools[tag].Room(permit.Tag{Name: tag}))]
}

func (o *office) drop(tag string, n int) bool {
	before := len(o.queues[tag])
	o.queues[tag] = slices.DeleteFunc(o.queues[tag], func(t permit.Ticket) bool { return t.Holder == who(n) })
	return len(o.queues[tag]) < before
}

// ask lets n take all its permits, or stand in one queue.
func (o *office) ask(n int) bool {
	asks := permit.Ticket{Holder: who(n), Since: int64(n), Alone: len(o.needs[n]) == 1}
	full := ""
	for _, tag := range o.needs[n] {
		if full == "" && !o.pools[tag].Admits(permit.Tag{Name: tag}, o.front(tag), asks) {
			full = tag
		}
	}
	for _, tag := range o.needs[n] {
		left := o.drop(tag, n)
		switch {
		case full == "":
			o.pools[tag].Take(who(n), 1)
		case full == tag:
			o.queues[tag] = append(o.queues[tag], asks)
			slices.SortFunc(o.queues[tag], func(a, b permit.Ticket) int { return int(a.Since - b.Since) })
		case left:
			o.hand(tag)
		}
	}
	return full == ""
}

// hand hands the free permits of a tag on.
func (o *office) hand(tag string) {
	given, asked := o.pools[tag].Hand(permit.Tag{Name: tag}, o.front(tag), 1)
	for _, t := range given {
		o.drop(tag, int(t.Run.Instance))
	}
	for _, t := range asked {
		o.ask(int(t.Run.Instance))
	}
}

// Whoever asks and gives back in whatever order: no pool has more holders than its limit, all or none is held, and
// nobody who needs one permit alone waits where there is one for him.
func TestPermitsAreLimitedAllOrNoneAndHandedOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tags := []string{"a", "b", "c"}
		limits := map[string]int64{}
		for _, tag := range tags {
			limits[tag] = int64(rapid.IntRange(0, 3).Draw(t, "limit of "+tag))
		}
		o, next, over := newOffice(limits), 0, map[int]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"ask": func(t *rapid.T) {
				next++
				o.needs[next] = rapid.SliceOfNDistinct(rapid.SampledFrom(tags), 1, 3, rapid.ID[string]).Draw(t, "tags")
				o.ask(next)
			},
			"ask again": func(t *rapid.T) {
				if n := rapid.IntRange(0, next).Draw(t, "who"); n > 0 && !over[n] {
					o.ask(n)
				}
			},
			"give back": func(t *rapid.T) {
				n := rapid.IntRange(0, next).Draw(t, "who")
				if n == 0 || over[n] || !o.pools[o.needs[n][0]].Holds(who(n)) {
					t.Skip("it holds nothing")
				}
				over[n] = true
				for _, tag := range o.needs[n] {
					if !o.pools[tag].Release(who(n)) || o.pools[tag].Release(who(n)) {
						t.Fatal("a holder was not there, or was there twice")
					}
				}
				for _, tag := range o.needs[n] {
					o.hand(tag)
				}
			},
			"": func(t *rapid.T) {
				for _, tag := range tags {
					if int64(len(o.pools[tag].Holders)) > limits[tag] {
						t.Fatalf("tag %s: %d holders of %d", tag, len(o.pools[tag].Holders), limits[tag])
					}
					if i := slices.IndexFunc(o.front(tag), func(t permit.Ticket) bool { return t.Alone }); i >= 0 {
						t.Fatalf("tag %s: %v waits where there is a permit for it", tag, o.front(tag)[i].Holder)
					}
				}
				for n := 1; n <= next; n++ {
					held := 0
					for _, tag := range o.needs[n] {
						if o.pools[tag].Holds(who(n)) {
							held++
						}
					}
					if held > 0 && held < len(o.needs[n]) {
						t.Fatalf("%d holds %d of its %d permits", n, held, len(o.needs[n]))
					}
				}
			},
		})
	})
}

func TestAFullTagHoldsUpNobodyAtAnother(t *testing.T) {
	o := newOffice(map[string]int64{"a": 1, "b": 1})
	for i, step := range []struct {
		tags []string
		want bool
	}{
		{[]string{"a"}, true},
		{[]string{"a", "b"}, false}, // a is full: it waits there
		{[]string{"b"}, true},       // and does not hold up b
		{[]string{"b"}, false},
	} {
		o.needs[i+1] = step.tags
		if got := o.ask(i + 1); got != step.want {
			t.Errorf("%d: %v", i+1, got)
		}
	}
	o.pools["a"].Release(who(1))
	o.hand("a")
	if got := fmt.Sprint(o.pools["a"].Holders, o.queues["a"], len(o.queues["b"])); got != "[] [] 2" {
		t.Errorf("2 needs b too, which is full: %s", got)
	}
	o.pools["b"].Release(who(3))
	o.hand("b")
	if !o.pools["a"].Holds(who(2)) || !o.pools["b"].Holds(who(2)) {
		t.Errorf("2 came before 4: %v", o.pools["b"].Holders)
	}
}

func TestAPermitThatWasHandedOnTwiceIsOne(t *testing.T) {
	two := int64(2)
	pool, tag := &permit.Pool{Limit: &two}, permit.Tag{Name: "a"}
	queue := []permit.Ticket{{Holder: who(1), Since: 1, Alone: true}, {Holder: who(2), Since: 2, Alone: true}, {Holder: who(3), Since: 3, Alone: true}}
	pool.Hand(tag, queue, 1)
	pool.Release(who(2))
	given, _ := pool.Hand(tag, []permit.Ticket{queue[0], queue[2]}, 1) // whoever handed to 1 died before he dropped its ticket
	if got := fmt.Sprint(len(given), pool.Holds(who(1)), pool.Holds(who(3)), len(pool.Holders)); got != "2 true true 2" {
		t.Error(got)
	}
}

func TestALimitOfZeroBlocksEverything(t *testing.T) {
	zero := int64(0)
	pool := &permit.Pool{Limit: &zero}
	if pool.Admits(permit.Tag{Name: "a", Inline: 5}, nil, permit.Ticket{Holder: who(1)}) {
		t.Error("a permit of a tag that gives none")
	}
}

func TestWhatIsConfiguredComesBeforeWhatRunsAskFor(t *testing.T) {
	two := int64(2)
	pool := &permit.Pool{Limit: &two}
	if pool.Room(permit.Tag{Name: "a", Inline: 1}) != 2 {
		t.Error("the configured limit of 2 does not hold")
	}
}
