package document

import (
	"fmt"
	"slices"
	"strings"
)

// Outside these lengths a guess is no help, or costs too much.
const shortestGuess, longestGuess = 3, 64

// Nearest returns the word that the text most likely means, or "" when none is near. Among equally near words the
// first wins.
func Nearest(text string, words []string) string {
	if len(text) < shortestGuess || len(text) > longestGuess {
		return ""
	}
	best, nearest := 1+max(1, (len(text)+2)/4), "" // about one mistake in four letters
	for _, word := range words {
		if d := distance(strings.ToLower(text), strings.ToLower(word)); d < best {
			best, nearest = d, word
		}
	}
	return nearest
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j-1]+cost, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// Suggest ends a message about an unknown word: what was probably meant, else what there is when that is short.
func (v *Value) Suggest(text string, words []string) string {
	if v.Faults.Full() {
		return ""
	}
	if meant := Nearest(text, words); meant != "" {
		return fmt.Sprintf("; did you mean %q?", meant)
	}
	if len(words) == 0 || len(words) > 20 {
		return ""
	}
	words = slices.Sorted(slices.Values(words))
	return "; known are " + strings.Join(words, ", ")
}
