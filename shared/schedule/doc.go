// Package schedule tells when time triggers are due: cron texts in both notations, the predefined ones and
// intervals, in any time zone. It is pure: now is an argument, and everything that asks about the same trigger
// gets the same times, so a handler can compute again what was due since its watermark.
//
// The clock face (second, minute, hour, month) is walked by robfig/cron. What that library lacks is added here:
// Quartz's days (L, LW, L-3, 15W, FRIL, MON#2) and its numbers of weekdays, years, the rule of unix cron that a
// day of the month and a weekday together mean either, fuzzy delays, intervals, and the change of clocks. The text
// is parsed here too, because a push is refused with a sentence about the field that is wrong.
//
// When clocks change: a schedule of every hour runs whenever the zone's clock reads a time that matches. One that
// names hours means times of the day, so it runs each of them once: a time that the clock repeats runs at its first
// reading, and a time that the clock skips runs at the moment of the change. Intervals count elapsed time and know
// no zone.
//
// It imports the nouns only.
package schedule
