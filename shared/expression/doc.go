// Package expression compiles and evaluates the expressions of workflow definitions.
package expression
