// Package evaluate decides runs and sweeps: it takes hints about runs, and the ticks that look for work
// which everybody forgot.
package evaluate
