package sel

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// hostile are programs that must end at a limit. What each of them attacks is its name.
var hostile = map[string]string{
	"endless loop":           "while (true) {}",
	"nested loops":           "x=0; for(int i=0;i<25000;i+=1) for(int j=0;j<25000;j+=1) x+=1; return x;",
	"doubling text":          "s='x'; while(true) s+=s;",
	"doubling text by join":  "s='x'; while(true) s=String.join(s,s,s);",
	"doubling text in place": "s='x'; while(true) s=s.replace('x','xx');",
	"long array":             "new long[1000000]",
	"many arrays":            "m=new Map(); for(int i=0;i<20000;i+=1){ m.put(''+i, new String[20000]); } return m;",
	"garbage arrays":         "for(int i=0;i<25000;i+=1){ a=new long[25000]; } return 1;",
	"parentheses":            strings.Repeat("(", 4000) + "1" + strings.Repeat(")", 4000),
	"blocks":                 strings.Repeat("{", 4000) + strings.Repeat("}", 4000),
	"signs":                  strings.Repeat("- ", 4000) + "1",
	"right operands":         strings.Repeat("1+(", 400) + "1" + strings.Repeat(")", 400),
	"waiting operands":       strings.Repeat("1+(", 130) + "1" + strings.Repeat(")", 130),
	"ternaries":              strings.Repeat("true?1:", 1200) + "1",
	"long text of a program": "'" + strings.Repeat("x", 10000) + "'",
	"format width":           "String.format('%1000000000d', 1)",
	"format precision":       "String.format('%.1000000000f', 1.0)",
	"format repetition":      "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<18;i+=1) s+=s; return String.format('%s%s%s%s%s%s%s%s%s%s', s,s,s,s,s,s,s,s,s,s);",
	"replacement":            "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<12;i+=1) s+=s; return s.replaceAll('x', s);",
	"replacement by groups":  "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<12;i+=1) s+=s; return s.replaceAll('(x+)', '" + strings.Repeat("$1", 1000) + "');",
	"matches of nothing":     "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<15;i+=1) s+=s; return s.replaceAll('', '-');",
	"groups":                 "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<14;i+=1) s+=s; return s.replaceAll('" + strings.Repeat("()", 200) + "', '-');",
	"repetition in patterns": "'x'.split('((a{100}){100}){100}')",
	"slow pattern":           "s='aaaaaaaaaaaaaaaa'; for(int i=0;i<14;i+=1) s+=s; return s.replaceAll('(a?){500}(b|a?){500}c', '');",
	"search to the end":      "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<12;i+=1) s+=s; return s.replaceAll('.*y|', '');",
	"search by repetition":   "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<12;i+=1) s+=s; return s.split('x{0,900}y|x');",
	"search and look back":   "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<12;i+=1) s+=s; return s.split('\\\\b|x*y|x');",
	"many patterns":          "s='a'; for(int i=0;i<25000;i+=1) { 'x'.split('\\\\pL{3}' + i); } return 1;",
	"classes":                "'x'.split('" + strings.Repeat("\\\\pL", 1000) + "')",
	"split":                  "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<15;i+=1) s+=s; return s.split('x', -1);",
	"split and join":         "s='a,b'; while(true) s=String.join(',,', (s+','+s).split(','));",
	"escape":                 "s='\"'; while(true) s=s.escape();",
	"case":                   "s='ß'; while(true) { s=s.toUpperCase(); s+=s; }",
	"map of itself":          "m=new Map(); m.put('m', m); return m;",
	"text of itself":         "m=new Map(); m.put('m', m); return '' + m;",
	"map of maps":            "m=new Map(); for(int i=0;i<100;i+=1){ n=new Map(); n.put('a',m); n.put('b',m); m=n; } return m;",
	"text of maps":           "m=new Map(); for(int i=0;i<40;i+=1){ n=new Map(); n.put('a',m); n.put('b',m); m=n; } return '' + m;",
	"long map":               "m=new Map(); x=0; while(true) { for(int i=0;i<20000;i+=1) { x+=1; m.put('key number ' + x, x); } }",
	"ints":                   "Util.intsBetween(0, 9223372036854775807, 1)",
	"dates":                  "Util.dateIntsBetween(10000101, 99990101, 1)",
	"zones":                  "while(true) { for(int i=0;i<20000;i+=1) DateTimeZone.forID('+0' + i % 10); }",
	"date patterns":          "f='yyyy'; for(int i=0;i<12;i+=1) f+=f; while(true) { for(int i=0;i<20000;i+=1) new DateTime(0).toString(f); }",
	"comparisons":            "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<18;i+=1) s+=s; t=s+'y'; s+='z'; while(true) { s==t; }",
	"lengths":                "s='xxxxxxxxxxxxxxxx'; for(int i=0;i<18;i+=1) s+=s; while(true) { s.length(); }",
}

func TestHostileProgramEndsAtLimit(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			p, err := Compile(text, Limits{})
			if err == nil {
				_, err = p.Eval(context.Background(), Env{})
			}
			if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != Limit {
				t.Errorf("ends with %v", err)
			}
			t.Logf("%v: %v", time.Since(start), err)
		})
	}
}
