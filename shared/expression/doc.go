// Package expression compiles and evaluates the expressions of workflow definitions.
//
// There are two languages and one rule. A text that the grammar of SEL accepts (with the semicolon that it may
// lack) is SEL, the Java-like language of Maestro's definitions, and runs on package sel. Every other text is
// expr, the language of github.com/expr-lang/expr. When neither accepts it, the error is of the parser that got
// further. A first statement such as "let x = 1" or "not x" is expr: to SEL's grammar it looks like the
// declaration of a variable of type let, and there is no such type. What SEL's grammar accepts is SEL even where
// its evaluation fails: an entry of a MAP is m.get("k"), and not m.k, in a text of nothing but the core. Null is
// null in both, and nil in expr too. So nobody has to say which language a text
// is in, and every text of Maestro keeps its meaning.
//
// What both languages have means the same in both: params, literals, operators, the ternary, the functions of
// params and of Util. To that end the tree of expr is rewritten before it is compiled, so that its operators
// become calls of ours: 7 / 2 is 3, "a" + 1 is "a1", 1 == "1" holds and "1" == 1 fails. A property test
// compares the two. Three things stay apart: a < b < c is refused in expr, where it would mean a conjunction;
// a == b < c groups from the left there, and so fails; whole numbers in expr's own functions are counted and
// summed as expr does.
//
// Functions of expr that are available:
//
//   - of lists: all none any one filter map find findIndex findLast findLastIndex count sum sortBy reduce
//     first last take get reverse concat sort min max len
//   - of numbers: abs ceil floor round min max int float
//   - of texts: trim trimPrefix trimSuffix upper lower split replace repeat join indexOf lastIndexOf hasPrefix
//     hasSuffix string, and the operators matches, contains, startsWith, endsWith
//   - of maps and JSON: keys values (both in the order of the keys) toJSON fromJSON
//   - of times, which are milliseconds: now() is the run's own time; formatTime(millis, pattern, zone),
//     parseTime(text, pattern, zone) and addDays(millis, days, zone), with patterns such as yyyyMMdd
//   - params.name(…), params["name"] and Util.name(…) as in SEL
//
// Everything else of expr is refused: what reads the clock or the zone of the machine (date, duration,
// timezone), what shows the order of a map (toPairs, groupBy and expr's own keys and values), what can take
// much time or memory for a short text (uniq, flatten, mean, median, toBase64), and $env.
//
// An evaluation depends on its Env alone, so it may be repeated anywhere at any time. It is bounded by the
// length of the text, the nodes of the tree, the values and texts that it makes, and the rounds of its loops;
// the context bounds its time. Errors name the place and types, never values.
//
// The package imports the nouns, package sel and expr. Programs are cached by text, because engines come and
// go with the same few conditions.
package expression
