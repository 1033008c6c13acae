package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// span is when something began and was over, by the numbers of events; end -1: never.
type span struct{ begin, end int }

// instance is what a history tells of one instance.
type instance struct {
	id       int64
	asked    int // when its start was first asked for
	answered int // when it was first answered
	refused  bool
	jobs     span // from the first call of its job to the return of the last
	status   workflow.InstanceStatus
}

// Check returns what is impossible under the strategy, nothing when all is well.
func (h *History) Check(rules workflow.RunStrategy) []string {
	c := &checker{events: h.events, instances: map[int64]*instance{}, asked: map[string]int{}, started: map[string]int64{}}
	c.read()
	c.checkOrder()
	limit := 1
	if rules.Rule == workflow.Parallel {
		limit = int(rules.Concurrency)
	}
	c.checkExclusion(limit)
	switch rules.Rule {
	case workflow.Sequential, workflow.Parallel:
		c.checkAllRan()
	case workflow.StrictSequential:
		c.checkAllRan()
		c.checkBlocked()
	case workflow.FirstOnly:
		c.checkRefused()
	case workflow.LastOnly, workflow.SerialLatestOnly:
		c.checkNewest()
	}
	if limit == 1 {
		c.checkSequence()
	}
	return c.faults
}

type checker struct {
	events    []Event
	instances map[int64]*instance
	asked     map[string]int   // by request: when it was first made
	started   map[string]int64 // by request: the instance that it started
	faults    []string
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// read collects what the history tells of each instance.
func (c *checker) read() {
	for at, e := range c.events {
		switch e.Kind {
		case Asked:
			if _, again := c.asked[e.Request]; !again {
				c.asked[e.Request] = at
			}
		case Answered:
			c.answered(at, e)
		case Called, Returned:
			i := c.instance(e.Instance)
			if i.jobs.begin < 0 {
				i.jobs.begin = at
			}
			i.jobs.end = at
		case Ended:
			c.instance(e.Instance).status = e.Status
		}
	}
	for request := range c.asked {
		if c.started[request] == 0 {
			c.fault("request %s was never answered", request)
		}
	}
	for id, i := range c.instances {
		if !i.status.Terminal() {
			c.fault("instance %d never ended: %s", id, i.status)
		}
		if i.answered < 0 {
			c.fault("instance %d is nobody's", id)
		}
	}
}

func (c *checker) answered(at int, e Event) {
	i := c.instance(e.Instance)
	if before, again := c.started[e.Request]; again && before != e.Instance {
		c.fault("request %s started instances %d and %d", e.Request, before, e.Instance)
	}
	c.started[e.Request] = e.Instance
	if i.answered < 0 {
		i.asked, i.answered = c.asked[e.Request], at
	}
	i.refused = i.refused || e.Refused // who repeats a request is told that it is a duplicate, not what became of it
}

func (c *checker) instance(id int64) *instance {
	if c.instances[id] == nil {
		c.instances[id] = &instance{id: id, answered: -1, jobs: span{-1, -1}}
	}
	return c.instances[id]
}

// sorted returns the instances by a number.
func (c *checker) sorted(by func(*instance) int) []*instance {
	return slices.SortedFunc(maps.Values(c.instances), func(a, b *instance) int { return cmp.Or(cmp.Compare(by(a), by(b)), cmp.Compare(a.id, b.id)) })
}

// checkOrder checks that instances are numbered without gaps, and in the order of starts that did not overlap.
func (c *checker) checkOrder() {
	if len(c.instances) != len(c.started) {
		c.fault("%d requests started %d instances", len(c.started), len(c.instances))
	}
	latest := 0 // the latest time at which an instance before was asked for
	for n, i := range c.sorted(func(i *instance) int { return int(i.id) }) {
		if i.id != int64(n+1) {
			c.fault("instance %d follows %d", i.id, n)
			return
		}
		if i.answered < latest {
			c.fault("instance %d was answered before one with a lower number was asked for", i.id)
		}
		latest = max(latest, i.asked)
	}
}

// checkExclusion checks that the jobs of no more instances than may went on at the same time.
func (c *checker) checkExclusion(limit int) {
	var at []*instance
	for _, i := range c.sorted(func(i *instance) int { return i.jobs.begin }) {
		if i.jobs.begin < 0 {
			continue
		}
		at = slices.DeleteFunc(at, func(other *instance) bool { return other.jobs.end < i.jobs.begin })
		if at = append(at, i); len(at) > limit {
			c.fault("instances %d and %d executed together with others: %d where %d may", at[0].id, i.id, len(at), limit)
		}
	}
}

// checkSequence checks that instances which execute one at a time do so in the order of their numbers.
func (c *checker) checkSequence() {
	last := int64(0)
	for _, i := range c.sorted(func(i *instance) int { return i.jobs.begin }) {
		if i.jobs.begin >= 0 {
			if i.id < last {
				c.fault("instance %d executed after instance %d", i.id, last)
			}
			last = i.id
		}
	}
}

// checkAllRan checks that every instance executed.
func (c *checker) checkAllRan() {
	for _, i := range c.sorted(func(i *instance) int { return int(i.id) }) {
		if i.refused || i.jobs.begin < 0 || i.status != workflow.InstanceSucceeded && i.status != workflow.InstanceFailed {
			c.fault("instance %d did not execute: %s", i.id, i.status)
		}
	}
}

// checkBlocked checks that after a failure nothing executes until somebody unblocks.
func (c *checker) checkBlocked() {
	failed := int64(0)
	for _, e := range c.events {
		switch {
		case e.Kind == Unblocked:
			failed = 0
		case e.Kind == Called && failed != 0 && e.Instance != failed:
			c.fault("instance %d executed past the failure of instance %d", e.Instance, failed)
		case e.Kind == Returned && e.Failed:
			failed = e.Instance
		}
	}
}

// checkRefused checks that who was turned away did not execute, everybody else did, and that there was somebody for
// whose sake he was turned away: asked for before he had his answer, and not over before he asked.
func (c *checker) checkRefused() {
	var kept []*instance
	for _, i := range c.sorted(func(i *instance) int { return i.asked }) {
		if !i.refused {
			kept = append(kept, i)
		}
	}
	for _, i := range c.instances {
		switch {
		case !i.refused && i.status != workflow.InstanceSucceeded:
			c.fault("instance %d was not refused, and is %s", i.id, i.status)
		case !i.refused:
		case i.status != workflow.InstanceStopped || i.jobs.begin >= 0:
			c.fault("instance %d was refused, and is %s", i.id, i.status)
		case !slices.ContainsFunc(kept, func(k *instance) bool { return k.asked < i.answered && k.id < i.id }):
			c.fault("instance %d was refused for nobody's sake", i.id)
		}
	}
}

// checkNewest checks that the newest instance executed, and that one that did not has a newer one that was asked for
// before it was over.
func (c *checker) checkNewest() {
	all := c.sorted(func(i *instance) int { return int(i.id) })
	if len(all) == 0 {
		return
	}
	if newest := all[len(all)-1]; newest.status != workflow.InstanceSucceeded {
		c.fault("instance %d is the newest, and is %s", newest.id, newest.status)
	}
	for _, i := range all {
		if i.refused || i.status != workflow.InstanceSucceeded && i.status != workflow.InstanceStopped {
			c.fault("instance %d is %s, and was refused: %v", i.id, i.status, i.refused)
		}
	}
}
