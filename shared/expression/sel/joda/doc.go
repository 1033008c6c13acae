// Package joda holds the date arithmetic that SEL shows: instants in a zone, their fields, date
// patterns and ISO 8601, with the rules of the Joda-Time library, on the standard library alone.
//
// Rules worth knowing: fields are read and set in local time. Arithmetic on days and larger units
// keeps the local time: what falls into a gap of daylight saving moves forward, what is ambiguous
// is the earlier instant. Building a time from fields or text inside of a gap is an error instead.
// A field that is set to a value outside of its bounds is an error; a smaller month or year shortens
// the day. Names are English. Years reach from -292275054 to 292278993.
//
// Guarantee: nothing reads the clock; the century of a two-digit year comes from the caller. Errors
// never quote the text they are about.
//
// It imports time/tzdata (450 KB in the binary), because a Lambda has no zone files and because
// a definition must mean the same on every machine that lacks them. A zone file of the machine is
// read when there is one; that is the only thing outside of the process that is ever looked at.
// Known gaps: long zone names exist for the United States, UTC and central Europe, and cannot be
// parsed, as in Joda; no other calendar, locale or period is known.
package joda
