//go:build !race

package enginetest_test

// crowd is how many the tests of crowds are about.
const crowd = 10_000
