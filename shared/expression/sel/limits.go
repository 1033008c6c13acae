package sel

import "time"

// Limits bound what one program may cost. A field that is zero has the value of DefaultLimits.
type Limits struct {
	Length int           // the text must be shorter, in UTF-16 units
	Stack  int           // operands that wait for their right side; the text may nest four times as deep
	Loop   int           // one loop fails when it completes this many iterations
	Array  int           // arrays must be shorter
	Visits int           // steps of an evaluation; long texts and patterns count as many steps
	Memory int           // approximate bytes of an evaluation: 32 for a value, 2 for a byte of text
	Time   time.Duration // wall time of an evaluation
}

// DefaultLimits keep length, stack, loops and arrays of the reference. Visits, memory and time are
// lower, so that the worst program ends within a second and in 64 MB of memory, of which a garbage
// collector may need as much again as is in use.
var DefaultLimits = Limits{
	Length: 10_000,
	Stack:  128,
	Loop:   25_001,
	Array:  25_001,
	Visits: 10_000_000,
	Memory: 20_000_000,
	Time:   800 * time.Millisecond,
}

// nesting is how much deeper than the operand stack a text may nest: parentheses and blocks take no
// operand.
const nesting = 4

// filled returns the limits with the defaults in the place of zeros.
func (l Limits) filled() Limits {
	fill := func(limit *int, value int) {
		if *limit == 0 {
			*limit = value
		}
	}
	fill(&l.Length, DefaultLimits.Length)
	fill(&l.Stack, DefaultLimits.Stack)
	fill(&l.Loop, DefaultLimits.Loop)
	fill(&l.Array, DefaultLimits.Array)
	fill(&l.Visits, DefaultLimits.Visits)
	fill(&l.Memory, DefaultLimits.Memory)
	if l.Time == 0 {
		l.Time = DefaultLimits.Time
	}
	return l
}
