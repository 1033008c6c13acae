//go:build race

package enginetest_test

// crowd is how many the tests of crowds are about: the race detector makes each ten times as dear.
const crowd = 1_000
