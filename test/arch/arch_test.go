// Package arch holds the house's rules as an ordinary test: who may import whom, where the clock is read,
// and what no file may be.
package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/segue-workflows/segue/"

// source is one parsed Go file, by its path from the module's root.
type source struct {
	path  string
	file  *ast.File
	set   *token.FileSet
	lines int
}

func (s source) dir() string { return filepath.ToSlash(filepath.Dir(s.path)) }

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) imports() []string {
	var out []string
	for _, spec := range s.file.Imports {
		out = append(out, strings.Trim(spec.Path.Value, `"`))
	}
	return out
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "dist" || name == "cdk.out") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		relative, _ := filepath.Rel(root, path)
		out = append(out, source{filepath.ToSlash(relative), file, set, strings.Count(string(text), "\n")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("only %d Go files found: the rules would look away", len(out))
	}
	return out
}

func under(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// pure packages decide: no store, no queue, no clock, no cloud.
var pure = []string{"shared/workflow", "shared/dag", "shared/param", "shared/expression", "shared/strategy",
	"shared/runtime", "shared/document", "shared/definition", "shared/schedule", "shared/engine/decide", "shared/engine/hint"}

// nouns import nothing of ours.
var nouns = []string{"shared/workflow", "shared/store", "shared/queue", "shared/wire"}

// useCases never call each other.
var useCases = []string{"shared/engine/trigger", "shared/engine/evaluate", "shared/engine/dispatch", "shared/engine/rollup"}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		for _, path := range s.imports() {
			if reason := forbidden(s.dir(), path); reason != "" {
				t.Errorf("%s imports %s: %s", s.path, path, reason)
			}
		}
	}
}

func forbidden(dir, path string) string {
	ours, isOurs := strings.CutPrefix(path, module)
	cloud := strings.HasPrefix(path, "github.com/aws/")
	switch {
	case isOurs && under(dir, nouns...):
		return "the nouns and the ports import nothing of ours"
	case cloud && !under(dir, "shared/aws", "functions", "infra", "localstack", "test", "cmd"):
		return "only adapters and functions know the cloud"
	case isOurs && under(dir, pure...) && under(ours, "shared/store", "shared/queue", "shared/memory", "shared/embedded", "shared/aws", "shared/local", "shared/rest"):
		return "pure packages know no port and no adapter"
	case isOurs && under(dir, useCases...) && under(ours, useCases...) && !under(ours, dir):
		return "use cases meet in the loop and never call each other"
	case isOurs && under(dir, "shared") && under(ours, "cmd", "functions", "test"):
		return "the library knows no program"
	case isOurs && under(dir, "functions") && under(ours, "shared/local", "shared/embedded", "cmd"):
		return "the functions do not link the local program"
	}
	return ""
}

// clocks are the only places that read the machine's clock or its randomness: programs, hosts and measurements.
var clocks = []string{"cmd", "functions", "test", "localstack", "shared/local", "shared/aws/boot"}

func TestTheClockIsAnArgument(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || under(s.dir(), clocks...) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := call.X.(*ast.Ident)
			if ok && pkg.Name == "time" && (call.Sel.Name == "Now" || call.Sel.Name == "Sleep" || call.Sel.Name == "Since") {
				t.Errorf("%s reads the clock: now is an argument here", s.set.Position(call.Pos()))
			}
			return true
		})
	}
}

func TestNoSleepInTests(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "Sleep" {
				if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" {
					t.Errorf("%s sleeps", s.set.Position(call.Pos()))
				}
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test() || s.dir() == "test/arch" {
			documented[s.dir()] = documented[s.dir()] || s.file.Doc != nil
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc comment", dir)
		}
	}
}

func TestNamesSaySomething(t *testing.T) {
	banned := []string{"util", "utils", "common", "helpers", "helper", "misc", "base"}
	for _, s := range sources(t) {
		if slices.Contains(banned, s.file.Name.Name) {
			t.Errorf("%s: a package named %s says nothing", s.path, s.file.Name.Name)
		}
	}
}

func TestFilesAndInterfacesStaySmall(t *testing.T) {
	for _, s := range sources(t) {
		if limit := map[bool]int{false: 400, true: 700}[s.test()]; s.lines > limit {
			t.Errorf("%s has %d lines; ask why beyond %d", s.path, s.lines, limit)
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if it, ok := spec.Type.(*ast.InterfaceType); ok && it.Methods.NumFields() > 5 {
				t.Errorf("%s: the interface %s has %d methods", s.path, spec.Name.Name, it.Methods.NumFields())
			}
			return true
		})
	}
}

func TestFunctionsStayShort(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil || table(f) {
				continue
			}
			if lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; lines > 70 {
				t.Errorf("%s: %s has %d lines; ask why beyond 70", s.path, f.Name.Name, lines)
			}
			if n := f.Type.Params.NumFields(); n > 6 {
				t.Errorf("%s: %s has %d parameters; beyond 5 they want a name together", s.path, f.Name.Name, n)
			}
		}
	}
}

// table tells whether a function only returns a literal: then it is data, and its length is that of the data.
func table(f *ast.FuncDecl) bool {
	if len(f.Body.List) != 1 {
		return false
	}
	result, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(result.Results) != 1 {
		return false
	}
	_, ok = result.Results[0].(*ast.CompositeLit)
	return ok
}

func TestNoBlobIsTracked(t *testing.T) {
	out, err := exec.Command("git", "-C", filepath.Join("..", ".."), "ls-files", "-z").Output()
	if err != nil {
		t.Skip("not a git checkout: tracked files cannot be listed")
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join("..", "..", name))
		if err == nil && info.Size() > 256<<10 && filepath.Base(name) != "package-lock.json" {
			t.Errorf("%s has %d bytes; nothing tracked is larger than 256 KiB", name, info.Size())
		}
	}
}
