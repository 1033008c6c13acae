// Package dsl translates Maestro's YAML language for workflows into the shape of the JSON API.
//
// It may import document and the nouns. It is pure.
//
// Translation goes from tree to tree, not from tree to noun: every node of the result stands where the user wrote
// its origin, so the one set of rules in package definition checks both languages and still points into the text
// that the user knows.
//
// A key that the language does not know is a param. Two things differ from Maestro's translator. What it refuses
// needlessly is accepted: an integer for a stated double, and an empty list or map for any stated type of list or map.
// And what it has no words for is said with the words of the JSON shape: time_triggers, signal_triggers, alerting,
// step_concurrency and instance_step_concurrency of a workflow, signal_dependencies and signal_outputs of any job,
// retry_policy and delivery_policy of a job, strict_ordering and continue_on_failure of a foreach.
//
// Its tests are those of package definition, which reads what it translates.
package dsl
