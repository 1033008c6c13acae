package definition

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

var (
	workflowIDPattern = regexp.MustCompile(`^[_a-zA-Z0-9][._a-zA-Z0-9-]*$`)
	stepIDPattern     = regexp.MustCompile(`^[_a-zA-Z][._a-zA-Z0-9-]*$`)
	namePattern       = regexp.MustCompile(`^[\w .,:@&='(){}$+\[\]/\\-]*$`)
)

// The engine's own ids begin or end so.
const (
	reservedPrefix = "maestro_"
	reservedSuffix = "_maestro"
	stepSeparator  = "__" // between step and param in references
)

func workflowID(v *document.Value) workflow.ID {
	id := v.Str()
	if v.Kind == document.String && checkLength(v, workflow.MaxIDLength) {
		if !workflowIDPattern.MatchString(id) {
			v.Fault("%s is no workflow id; want letters, digits, _ . -, the first neither . nor -", document.Quoted(id))
		}
		checkReserved(v, true)
	}
	return id
}

func stepID(v *document.Value) workflow.StepID {
	id := v.Str()
	if v.Kind == document.String && checkLength(v, workflow.MaxIDLength) {
		if !stepIDPattern.MatchString(id) {
			v.Fault("%s is no step id; want letters, digits, _ . -, the first a letter or _", document.Quoted(id))
		}
		if strings.Contains(id, stepSeparator) {
			v.Fault("%s must not contain %q, which separates step and param in references", document.Quoted(id), stepSeparator)
		}
		checkReserved(v, false)
	}
	return id
}

// nameText reads a name that people see.
func nameText(v *document.Value) string {
	name := v.Str()
	if v.Kind == document.String && checkLength(v, workflow.MaxNameLength) {
		if !namePattern.MatchString(name) {
			v.Fault("%s is no name; want letters, digits, blanks and . , : @ & = ' ( ) { } $ + [ ] - / \\ _", document.Quoted(name))
		}
		checkReserved(v, true)
		refuseSecrets(v)
	}
	return name
}

// stepName may hold any characters.
func stepName(v *document.Value) string {
	name := v.Str()
	if v.Kind == document.String {
		checkLength(v, workflow.MaxNameLength)
		refuseSecrets(v)
	}
	return name
}

func longText(v *document.Value) string {
	text := v.Str()
	if n := utf8.RuneCountInString(text); n > workflow.MaxTextLength {
		v.Fault("the text has %d characters, the limit is %d", n, workflow.MaxTextLength)
	}
	return text
}

// filled reads a string that says something.
func filled(v *document.Value) string {
	text := v.Str()
	if v.Kind == document.String && strings.TrimSpace(text) == "" {
		v.Fault("the text is blank")
	}
	return text
}

// filledName reads a text that becomes part of a key, such as a signal's name.
func filledName(v *document.Value) string {
	text := v.Str()
	if v.Kind == document.String {
		checkLength(v, workflow.MaxNameLength)
	}
	return text
}

func checkLength(v *document.Value, limit int) bool {
	n := utf8.RuneCountInString(v.Text)
	switch {
	case strings.TrimSpace(v.Text) == "":
		v.Fault("the text is blank; want 1 to %d characters", limit)
	case n > limit:
		v.Fault("the text has %d characters, the limit is %d", n, limit)
	default:
		return true
	}
	return false
}

func checkReserved(v *document.Value, suffix bool) {
	lower := strings.ToLower(v.Text)
	if strings.HasPrefix(lower, reservedPrefix) {
		v.Fault("%s must not begin with %q, which the engine keeps for itself", document.Quoted(v.Text), reservedPrefix)
	}
	if suffix && strings.HasSuffix(lower, reservedSuffix) {
		v.Fault("%s must not end with %q, which the engine keeps for itself", document.Quoted(v.Text), reservedSuffix)
	}
}

// refuseSecrets keeps secret references out of texts that are stored, shown or matched.
func refuseSecrets(v *document.Value) {
	if strings.Contains(strings.ReplaceAll(v.Text, "$$", ""), "${secret:") {
		v.Fault("a secret cannot be used here, because this text is shown; use it in a literal param of a step")
	}
}

// user reads a bare name or an object with extras.
func user(v *document.Value) *workflow.User {
	var u workflow.User
	if v.Kind == document.String {
		u.Name = filledName(v)
		return &u
	}
	if v.Kind != document.Object {
		v.Fault("found %s, want a user: a name, or an object with the field %q", v.Describe(), "name")
		return nil
	}
	userShape.Read(v, &u)
	return &u
}

var userShape = &document.Shape[workflow.User]{
	What:     "a user",
	Required: []string{"name"},
	Fields: map[string]func(*workflow.User, *document.Value){
		"name": func(u *workflow.User, v *document.Value) { u.Name = filledName(v) },
	},
	Extra: func(u *workflow.User, key string, v *document.Value) { u.Extras = put(u.Extras, key, v) },
}

// put adds a field to a bag of extras; nulls inside stay as they are.
func put(bag *workflow.Ordered[any], key string, v *document.Value) *workflow.Ordered[any] {
	if bag == nil {
		bag = &workflow.Ordered[any]{}
	}
	bag.Set(key, v.Any())
	return bag
}

// orNil makes an empty map absent, so that nouns have one form for "none".
func orNil[V any](m *workflow.Ordered[V]) *workflow.Ordered[V] {
	if m.Len() == 0 {
		return nil
	}
	return m
}

var namespaces = []string{"SYSTEM", "RUNTIME", "JOB_TEMPLATE", "NOTEBOOK_TEMPLATE", "USER_DEFINED", "PLATFORM"}

var tagShape = &document.Shape[workflow.Tag]{
	What:     "a tag",
	Required: []string{"name"},
	Fields: map[string]func(*workflow.Tag, *document.Value){
		"name":      func(t *workflow.Tag, v *document.Value) { t.Name = nameText(v) },
		"namespace": func(t *workflow.Tag, v *document.Value) { t.Namespace = v.Enum(namespaces...) },
	},
	Refused: map[string]string{"permit": "the permit of a tag is set by the server; limits are set with the tag-permits endpoint"},
	Extra:   func(t *workflow.Tag, key string, v *document.Value) { t.Attributes = put(t.Attributes, key, v) },
}

// tag reads a bare name or an object with attributes.
func tag(v *document.Value) workflow.Tag {
	if v.Kind == document.String {
		return workflow.Tag{Name: nameText(v)}
	}
	var t workflow.Tag
	if v.Kind != document.Object {
		v.Fault("found %s, want a tag: a name, or an object with the field %q", v.Describe(), "name")
		return t
	}
	tagShape.Read(v, &t)
	return t
}

// tagList reads tags with names that differ.
func tagList(v *document.Value) []workflow.Tag {
	var tags []workflow.Tag
	seen := map[string]bool{}
	for _, item := range v.List() {
		t := tag(item)
		if t.Name != "" && seen[t.Name] {
			item.Fault("the tag %s is given twice", document.Quoted(t.Name))
		}
		seen[t.Name] = true
		tags = append(tags, t)
	}
	return tags
}
