// Package survey reads what stands below a run: the leaves of the instances that its steps started, references to
// those that people look for, the artifacts of loops and subworkflows, and the iterations of one step in a row.
//
// Nothing of it is stored. A run's own state counts the leaves of all levels below it, so counts cost no read; a survey
// goes down only to name things, only where the counts say that there is something to name, and with a bounded number
// of reads. What it leaves out for that is missing, never wrong.
//
// It imports the loop, the records and the views, and writes nothing.
package survey
