// Package pack is the format of bodies in the table: compressed with a dictionary when that pays.
//
// It is pure and imports nothing of ours. The DynamoDB adapter writes with it, and the meter
// of the memory store asks it how long a body would be.
//
// The first byte of a packed body is the version of its format, so that a body can be read for as
// long as it is kept: a dictionary that was ever released is never changed, a better one gets a new
// file and the next version.
//
// Why deflate: bodies are small JSON with names that repeat from body to body. A preset dictionary
// is what makes them small, the standard library has it, and with it other codecs gain next to
// nothing at these sizes.
package pack
