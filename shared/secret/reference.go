package secret

import (
	"regexp"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Reference names a secret, or a part of one.
type Reference struct {
	Name    string
	Key     string // the field of a JSON object; "": the whole
	Stage   string // "": the current one
	Version string // "": the newest of the stage
}

// String returns the reference as definitions write it.
func (r Reference) String() string {
	text := opening + r.Name
	if r.Key != "" {
		text += "#" + r.Key
	}
	switch {
	case r.Stage != "":
		text += "?stage=" + r.Stage
	case r.Version != "":
		text += "?version=" + r.Version
	}
	return text + "}"
}

const opening = "${secret:"

// MaxName is the longest name of a secret.
const MaxName = 512

// form matches what stands between opening and brace. Names have no dollar and no brace, so no text nests in one.
var form = regexp.MustCompile(`^([A-Za-z0-9/_+=.@:-]{1,512})(?:#([A-Za-z0-9/_+=.@:-]{1,256}))?(?:\?(stage|version)=([A-Za-z0-9/_+=.@:-]{1,256}))?$`)

// part is a stretch of text, or a reference.
type part struct {
	text string // as it stands, also of a reference
	ref  *Reference
}

// split cuts a text at its references. A doubled dollar is text, and an opening that no reference follows is too:
// the second result has the first of those.
func split(text string) (parts []part, broken string) {
	begin := 0
	for at := 0; at < len(text); {
		switch {
		case strings.HasPrefix(text[at:], "$$"):
			at += 2
			continue
		case !strings.HasPrefix(text[at:], opening):
			at++
			continue
		}
		ref, length := read(text[at:])
		if ref == nil {
			if broken == "" {
				broken = text[at:min(len(text), at+40)]
			}
			at += len(opening)
			continue
		}
		if begin < at {
			parts = append(parts, part{text: text[begin:at]})
		}
		parts = append(parts, part{text[at : at+length], ref})
		at += length
		begin = at
	}
	if begin < len(text) {
		parts = append(parts, part{text: text[begin:]})
	}
	return parts, broken
}

// read reads the reference at the start of text.
func read(text string) (*Reference, int) {
	end := strings.IndexByte(text, '}')
	if end < 0 {
		return nil, 0
	}
	found := form.FindStringSubmatch(text[len(opening):end])
	if found == nil {
		return nil, 0
	}
	ref := &Reference{Name: found[1], Key: found[2]}
	switch found[3] {
	case "stage":
		ref.Stage = found[4]
	case "version":
		ref.Version = found[4]
	}
	return ref, end + 1
}

// Check returns CodeInvalid for a text in which something begins like a reference and is none.
func Check(text string) error {
	if _, broken := split(text); broken != "" {
		return workflow.Errorf(workflow.CodeInvalid, "this is no reference to a secret; want ${secret:NAME}, ${secret:NAME#KEY}, and "+
			"?stage=S or ?version=V before the brace, or $${secret: for plain text; a name has letters, digits and / _ + = . @ : -")
	}
	return nil
}

// In lists the references of a literal.
func In(text string) (refs []Reference) {
	parts, _ := split(text)
	for _, p := range parts {
		if p.ref != nil {
			refs = append(refs, *p.ref)
		}
	}
	return refs
}

// Quote evaluates a literal that holds references: fill is called for the text between them, and every dollar of what
// it returns is doubled. False says that the literal holds none, and nothing was done.
func Quote(text string, fill func(string) (string, error)) (string, bool, error) {
	if !strings.Contains(text, opening) {
		return "", false, nil
	}
	parts, _ := split(text)
	var out strings.Builder
	some := false
	for _, p := range parts {
		if p.ref != nil {
			some = true
			out.WriteString(p.text)
			continue
		}
		filled, err := fill(p.text)
		if err != nil {
			return "", true, err
		}
		out.WriteString(strings.ReplaceAll(filled, "$", "$$"))
	}
	return out.String(), some, nil
}
