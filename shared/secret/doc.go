// Package secret finds references to secrets in definitions, and puts the secrets into the params of a job right
// before it is called.
//
// It imports the nouns only.
//
// A reference is ${secret:NAME} or ${secret:NAME#KEY}, each with ?stage=S or ?version=V before the brace; KEY picks a
// field of a secret that is a JSON object. $${secret:...} is plain text.
//
// Guarantees: a reference counts only where the literal of a step's definition or of its job template has it. What
// comes from anywhere else, a run param, a signal, an output, the result of an expression, is text, whatever it looks
// like. Only names that those are allowed who
// pushed the version of the workflow, and the job template where that holds the reference, are resolved: the API knows
// them by their credentials, whereas anybody may write any owner into the properties that he pushes. No value is ever in a state, a message, or
// an error; what a job reports back through its runtime is masked before it is recorded. What a job itself reports
// with its token is not: that function has no secrets to compare with.
//
// Why evaluated texts are quoted: a text with a reference is evaluated into one in which every other dollar is
// doubled, and Bind compares the literal, and then the references one by one, with those of the definition. So a value
// that was put into the text cannot make, complete or hide a reference.
package secret
