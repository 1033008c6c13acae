package main

import (
	"fmt"
	"time"
)

// keyUnits is how many write units a second DynamoDB takes for one key.
const keyUnits = 1000

// decision is how long nobody else may change the head while one decides: it reads the head, what is pending in it and
// the requests, and writes the head. One who is disturbed begins again, so decisions of one workflow follow each other.
const decision = 3*readTime + writeTime

// ceiling tells how many starts of one workflow a second its head allows: by the units that it is written with, and by
// the time that decisions take. Starts and ends both decide.
func (r result) ceiling() (byUnits, byTime float64) {
	n := float64(r.leaves)
	return keyUnits * n / float64(r.head.WriteUnits), n / (float64(r.head.Calls) * decision.Seconds())
}

// ceilings prints them for shapes of one step that start side by side.
func ceilings(results []result) {
	fmt.Printf("\nStarts of one workflow a second, by its head: one item takes %d write units a second, one decision takes %d ms\n\n"+
		"%-32s %9s %9s\n", keyUnits, decision/time.Millisecond, "", "by units", "by time")
	for _, r := range results {
		if r.leaves == r.instances && !r.alone {
			units, time := r.ceiling()
			fmt.Printf("%-32s %9.0f %9.0f\n", r.name, units, time)
		}
	}
}
