package java

import (
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// free allows all work.
func free(int) error { return nil }

func TestFormatDouble(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1.0"}, {-1.5, "-1.5"}, {100, "100.0"},
		{1e-3, "0.001"}, {9.99e-4, "9.99E-4"}, {9999999, "9999999.0"}, {1e7, "1.0E7"},
		{12345678.9, "1.23456789E7"}, {1e21, "1.0E21"}, {1e-300, "1.0E-300"}, {0.30000000000000004, "0.30000000000000004"},
		{math.MaxFloat64, "1.7976931348623157E308"}, {math.SmallestNonzeroFloat64, "4.9E-324"},
		{math.NaN(), "NaN"}, {math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"}, {1234.5, "1234.5"},
	} {
		if got := FormatDouble(tt.f); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.f, got, tt.want)
		}
	}
}

func TestFormatDoubleReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		got, err := ParseDouble(FormatDouble(f))
		if err != nil || got != f && !math.IsNaN(f) {
			t.Fatalf("%v became %v, %v", f, got, err)
		}
	})
}

func TestParseDouble(t *testing.T) {
	for text, ok := range map[string]bool{
		"1": true, " 1.5 ": true, "1e3": true, "1.": true, ".5": true, "1f": true, "1D": true, "-Infinity": true,
		"NaN": true, "+1": true, "": false, "inf": false, "nan": false, "1_0": false, "0x": false, "e3": false,
		"1 2": false, "f": false, "--1": false, "1e999": true,
	} {
		if _, err := ParseDouble(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want int64
	}{{1.9, 1}, {-1.9, -1}, {math.NaN(), 0}, {1e300, math.MaxInt32}, {math.Inf(-1), math.MinInt32}} {
		if got := Truncate(tt.f, math.MinInt32, math.MaxInt32); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.f, got, tt.want)
		}
	}
}

func TestFormat(t *testing.T) {
	type list = []any
	for _, tt := range []struct {
		format string
		args   list
		want   string // "!" when it fails
	}{
		{"plain", nil, "plain"}, {"%%%n", nil, "%\n"}, {"%5%|", nil, "    %|"}, {"%-3%|", nil, "%  |"},
		{"%s %s", list{"a", nil}, "a null"}, {"%5s|%-5s|%.2s", list{"ab", "cd", "xyz"}, "   ab|cd   |xy"},
		{"%S", list{"ab"}, "AB"}, {"%2$s%1$s%<s%s", list{"a", "b"}, "baaa"}, {"%s", list{1.0}, "1.0"},
		{"%d|%5d|%-5d|%05d", list{int64(1), int64(2), int64(3), int64(-4)}, "1|    2|3    |-0004"},
		{"%,d|%,d", list{int64(999), int64(-1234567)}, "999|-1,234,567"},
		{"%+d|% d|%(d|%(07d", list{int64(1), int64(2), int64(-3), int64(-4)}, "+1| 2|(3)|(00004)"},
		{"%d", list{int64(math.MinInt64)}, "-9223372036854775808"},
		{"%x|%X|%#x|%08x|%o|%#o", list{int64(255), int64(255), int64(255), int64(255), int64(8), int64(8)}, "ff|FF|0xff|000000ff|10|010"},
		{"%x", list{int64(-1)}, "ffffffffffffffff"},
		{"%f|%.2f|%.0f|%#.0f", list{1.5, 1.005, 2.5, 2.5}, "1.500000|1.01|3|3."},
		{"%.1f|%.2f|%.3f", list{0.25, 0.004, 99.9999}, "0.3|0.00|100.000"},
		{"%,.2f|%09.2f|%+.1f", list{1234567.891, -3.14159, 0.0}, "1,234,567.89|-00003.14|+0.0"},
		{"%.20f", list{0.1}, "0.10000000000000000000"}, {"%(.1f", list{-2.0}, "(2.0)"},
		{"%e|%.0e|%.3E", list{12345.678, 95.0, 0.00012}, "1.234568e+04|1e+02|1.200E-04"}, {"%e", list{0.0}, "0.000000e+00"},
		{"%g|%g|%g|%.3g", list{0.0, 0.0001, 123456789.0, 99.96}, "0.00000|0.000100000|1.23457e+08|100"},
		{"%f|%06.1f|%e", list{math.NaN(), math.Inf(-1), math.Inf(1)}, "NaN|-Infinity|Infinity"},
		{"%a|%a|%a", list{1.0, 0.5, -3.0}, "0x1.0p0|0x1.0p-1|-0x1.8p1"},
		{"%b|%B|%b|%b", list{true, false, nil, "x"}, "true|FALSE|false|true"},
		{"%h|%h|%h", list{"hello", int64(1) << 32, true}, "5e918d2|1|4cf"},
		{"%d|%5f|%c|%x", list{nil, nil, nil, nil}, "null| null|null|null"},
		{"%s", nil, "!"}, {"%d", list{1.5}, "!"}, {"%f", list{int64(1)}, "!"}, {"%d", list{"1"}, "!"}, {"%c", list{int64(65)}, "!"},
		{"%", nil, "!"}, {"%q", list{"a"}, "!"}, {"%-d", list{int64(1)}, "!"}, {"%-05d", list{int64(1)}, "!"}, {"%+ d", list{int64(1)}, "!"},
		{"%#d", list{int64(1)}, "!"}, {"%,x", list{int64(1)}, "!"}, {"%.2d", list{int64(1)}, "!"}, {"%05s", list{"a"}, "!"},
		{"%<s", list{"a"}, "!"}, {"%5n", nil, "!"}, {"%tY", list{int64(0)}, "!"}, {"%++d", list{int64(1)}, "!"}, {"%9999999999d", list{int64(1)}, "!"},
	} {
		got, err := Format(tt.format, tt.args, 1000)
		if err != nil {
			got = "!"
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s (%v)", tt.format, got, tt.want, err)
		}
	}
}

func TestFormatIsBounded(t *testing.T) {
	for _, format := range []string{"%1001d", "%1$501d%1$501d", strings.Repeat("%1$s", 1001), strings.Repeat("x", 1001)} {
		if _, err := Format(format, []any{int64(1)}, 1000); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%.10s: %v", format, err)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		text, pattern string
		limit         int64
		want          []string
	}{
		{"a,b,,", ",", 0, []string{"a", "b"}}, {"a,b,,", ",", -1, []string{"a", "b", "", ""}},
		{"a,b,c", ",", 2, []string{"a", "b,c"}}, {"a,b", ",", 1, []string{"a,b"}}, {"", ",", 0, []string{""}},
		{",", ",", 0, []string{}}, {",a", ",", 0, []string{"", "a"}}, {"abc", "", 0, []string{"a", "b", "c"}},
		{"abc", "", 2, []string{"a", "bc"}}, {"abc", "x", 0, []string{"abc"}}, {"baaac", "a*", 0, []string{"b", "", "c"}},
		{"a1b22c", "[0-9]+", 0, []string{"a", "b", "c"}}, {"a.b|c", "[.|]", 0, []string{"a", "b", "c"}},
	} {
		p, err := Compile(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Split(tt.text, tt.limit, 100, free)
		if err != nil || len(got)+len(tt.want) > 0 && !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q by %q, %d: %q, %v, want %q", tt.text, tt.pattern, tt.limit, got, err, tt.want)
		}
	}
	p, _ := Compile(",")
	if _, err := p.Split(strings.Repeat(",", 101), -1, 100, free); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too many pieces: %v", err)
	}
}

func TestReplaceAll(t *testing.T) {
	for _, tt := range []struct{ text, pattern, replacement, want string }{
		{"abc", "b", "", "ac"}, {"abc", "x*", "-", "-a-b-c-"}, {"baaac", "a*", "x", "xbxxcx"},
		{"ab", "(a)(b)", "$2$1$0", "baab"}, {"ab", "(a)", "$12", "a2b"}, {"ab", "(?<x>a)", "<${x}>", "<a>b"},
		{"ab", "(a)|(b)", "[$2]", "[][b]"}, {"a.b", "\\.", "\\\\\\$", "a\\$b"}, {"a", "a", "$1", "!"},
		{"a", "a", "$", "!"}, {"a", "a", "\\", "!"}, {"a", "a", "${no}", "!"}, {"aXb", "(?i)x", "-", "a-b"},
		{"a\vb c", "\\s", "-", "a-b-c"}, {"a-b", "[\\s-]", "_", "a_b"}, {"a\r\nb\u2028c", "\\R", "|", "a|b|c"},
		{"a\rb", ".", "x", "x\rx"}, {"a\nb", "(?s).", "x", "xxx"}, {"é1_", "\\w", "x", "éxx"}, {"a+b", "\\Q+\\E", "-", "a-b"},
		{"aBc", "\\p{Lower}+", "-", "-B-"}, {"aBc", "[\\p{Upper}c]", "-", "a--"}, {"日a", "\\p{IsHan}", "-", "-a"},
		{"A", "\\u0041|\\x42|\\0103", "-", "-"}, {"a b", "\\h", "-", "a-b"}, {"]a", "[]a]", "-", "--"}, {"a2", "a{1}\\d{1,}", "-", "-"},
	} {
		p, err := Compile(tt.pattern)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		got, err := p.ReplaceAll(tt.text, tt.replacement, 100, free)
		if err != nil {
			got = "!"
		}
		if got != tt.want {
			t.Errorf("%q %q %q: %q, want %q", tt.text, tt.pattern, tt.replacement, got, tt.want)
		}
	}
}

func TestSearchStopsWhenWorkIsRefused(t *testing.T) {
	refused := errors.New("refused")
	for _, pattern := range []string{"x", "x*y|x", ".*y|", "\\bx+", "(x?){50}y"} {
		p, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		left := 1_000_000
		work := func(steps int) error {
			if left -= steps; left < 0 {
				return refused
			}
			return nil
		}
		text := strings.Repeat("x", 1_000_000)
		if _, err := p.ReplaceAll(text, "", 1<<30, work); !errors.Is(err, refused) {
			t.Errorf("%s: %v", pattern, err)
		}
		if left < -4_000_000 {
			t.Errorf("%s: went on for %d steps", pattern, -left)
		}
	}
}

func TestSearchLooksBack(t *testing.T) {
	for _, tt := range []struct{ text, pattern, want string }{
		{"ab ab", "\\b[a-z]", "-b -b"}, {"aab", "^a?", "-ab"}, {"a\na", "(?m)^a?", "-\n-"}, {"aaa", "\\Aa", "-aa"},
		{"éé é", "\\bx?", "éé é"}, {"a,b", "x?$", "a,b-"}, {"xay", "\\Ba", "x-y"},
	} {
		p, err := Compile(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.ReplaceAll(tt.text, "-", 100, free); err != nil || got != tt.want {
			t.Errorf("%q %q: %q, %v, want %q", tt.text, tt.pattern, got, err, tt.want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, pattern := range []string{
		"(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "(a)\\1", "a*+", "a++", "a?+", "a{1}+", "[a&&b]", "[a[b]]",
		"\\Ga", "a\\Z", "\\k<x>", "(?x)a", "(?U)a", "(", "[a", "a{", "{a}", "*", "\\", "\\p{Nonsense}", "\\u00",
	} {
		if _, err := Compile(pattern); err == nil || errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	for _, pattern := range []string{strings.Repeat("a", patternLimit+1), "(a{100}){100}", "((a{10}){10}){100}", "\\pL{900}"} {
		if _, err := Compile(pattern); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%.10s: %v", pattern, err)
		}
	}
}

func TestCompareLikeUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abéß日\uffee😀😁")), 0, 6, -1)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		left, right := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
		want := len(left) - len(right)
		for i := range min(len(left), len(right)) {
			if left[i] != right[i] {
				want = int(left[i]) - int(right[i])
				break
			}
		}
		if got := Compare(a, b); got != want {
			t.Fatalf("%q %q: %d, want %d", a, b, got, want)
		}
		from := rapid.IntRange(0, len(left)).Draw(t, "from")
		to := rapid.IntRange(from, len(left)).Draw(t, "to")
		if got, err := Substring(a, int64(from), int64(to)); err != nil || got != string(utf16.Decode(left[from:to])) {
			t.Fatalf("%q[%d:%d]: %q, %v", a, from, to, got, err)
		}
	})
}

func TestText(t *testing.T) {
	for got, want := range map[string]string{
		Escape("a\tb\"c'\\\b\f\r\né😀\x01"): `a\tb\"c'\\\b\f\r\n\u00E9\uD83D\uDE00\u0001`,
		Trim(" \x00\ta b\n"):               "a b",
		Upper("straße"):                    "STRASSE",
		Text(nil) + Text(int64(1)):         "null1",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if n := LastIndex("a😀b", "b"); n != 3 {
		t.Errorf("the last index is %d", n)
	}
	if n := Length("a😀é"); n != 4 {
		t.Errorf("the length is %d", n)
	}
	if h := Hash("hello"); h != 99162322 {
		t.Errorf("the hash is %d", h)
	}
	for _, r := range [][2]int64{{-1, 1}, {2, 1}, {0, 4}} {
		if _, err := Substring("abc", r[0], r[1]); err == nil {
			t.Errorf("%v: no error", r)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"a|b*", "[^\\s-]{2,}", "(?<x>.)\\p{L}", "\\Qx\\E$"} {
		f.Add(pattern, "a b-c", "$1")
	}
	f.Fuzz(func(t *testing.T, pattern, text, replacement string) {
		p, err := Compile(pattern)
		if err != nil || p.Size()*len(text)*len(text) > 1<<24 {
			return
		}
		if _, err := p.Split(text, 0, 1000, free); err != nil && !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
		if got, err := p.ReplaceAll(text, replacement, 1000, free); err == nil && len(got) > 1000 {
			t.Error("the result is " + strconv.Itoa(len(got)) + " bytes long")
		}
	})
}
