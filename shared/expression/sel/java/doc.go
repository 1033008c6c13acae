// Package java does to text and numbers what the Java standard library does, as far as SEL shows it:
// the text of a double, String.format, regular expressions, split, replaceAll, and strings that are
// counted in UTF-16 units. It imports the standard library only and knows nothing of SEL.
//
// Guarantee: the functions are pure, and no call makes more text than its caller allows: what could
// grow (a width, a replacement, a repetition in a pattern) takes a bound and returns ErrTooLarge
// beyond it. Errors never quote the text they are about, because it may be a user's value.
//
// Regular expressions run on Go's engine, which takes time linear in pattern and text. That is why it
// is used: a pattern is the user's, and a backtracking engine lets it hang. (All matches together can
// still take quadratic time; Work, which every search asks for leave, bounds it.) The price is that look
// around, back references, possessive quantifiers, atomic groups and set operations in classes are
// refused, with a text that names them. Known differences beside these: $ matches at the very end
// only, not before a last line break, and \b knows ASCII words only.
//
// Numbers are printed from their shortest exact digits, as Java has done since version 19, and
// rounded half up on these decimal digits, as Java always did: format("%.2f", 1.005) is 1.01.
package java
