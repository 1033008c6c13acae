package sim

import (
	"strings"

	"github.com/segue-workflows/segue/shared/store"
)

// keep says how long an item of the table is kept.
type keep uint8

const (
	unknown keep = iota
	forever      // or until somebody removes it
	ofARun       // as long as its run, or shorter
	either       // what it serves decides
)

// keeps is the decision for every kind of item, by the begin of its part and its sort key. A kind that is not here has
// to be thought about.
var keeps = []struct {
	part, sort string
	keep       keep
}{
	{"w/", "p/", ofARun}, // attempts that a breakpoint stopped
	{"w/", "", forever},  // the head, versions, properties, breakpoints, the timeline
	{"q/", "", forever},  // a request starts one run, however late it comes again
	{"i/", "", ofARun},   // commits and progress
	{"t/~", "", forever}, // the place of the sweep
	{"t/", "", ofARun},   // wake items
	{"d/", "", ofARun},   // letters
	{"c/", "t/", ofARun}, // tickets of attempts that wait for permits
	{"c/", "", forever},  // permits
	{"g/", "", forever},  // triggers
	{"s/", "", forever},  // a signal's number follows from the one before, and a step may want one of any age
	{"k/", "", forever},  // who announces a signal again is told which one it was, however late
	{"x/", "", forever},  // indexes of signals
	{"y/", "", ofARun},   // who consumed a signal
	{"m/", "", either},   // subscriptions, of triggers and of steps
}

// checkKeep checks that an item expires if that was decided, and otherwise does not.
func (l *ledger) checkKeep(item store.Item) {
	for _, k := range keeps {
		if !strings.HasPrefix(item.Part, k.part) || !strings.HasPrefix(item.Sort, k.sort) {
			continue
		}
		if never := item.Expire.IsZero(); k.keep != either && never != (k.keep == forever) {
			l.world.fail("the item %s/%s expires at %v", item.Part, item.Sort, item.Expire)
		}
		return
	}
	l.world.fail("nobody decided how long the item %s/%s is kept", item.Part, item.Sort)
}
