// Package rollup gives the places of runs that ended to those that wait, for all ended runs of a workflow
// in one write of its head.
package rollup
