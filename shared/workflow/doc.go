// Package workflow holds the nouns: definition, version, param, instance, run, step, attempt, status,
// timeline, limits and errors, in the words that users of Maestro know.
//
// It imports nothing of ours and only the standard library, so that every other package may import
// it. A noun has one Go type, and that type has one wire form: its JSON.
package workflow
