package secret

import (
	"encoding/json"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Policy says which secrets a caller of the API may refer to in what he writes: patterns by caller. A pattern is a name,
// or the beginning of names and a star. The caller "*" is everybody. The zero value allows nothing.
type Policy map[string][]string

// ParsePolicy reads {"caller": ["name", "beginning/*"]}; an empty text is the empty policy. It returns CodeInvalid.
func ParsePolicy(text string) (Policy, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var p Policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, `the allow-list of secrets is an object such as {"caller": ["name", "beginning/*"]}`)
	}
	return p, nil
}

// Allows tells whether the caller may refer to the secret.
func (p Policy) Allows(caller, name string) bool {
	for _, who := range []string{caller, "*"} {
		if who == "" {
			continue
		}
		for _, pattern := range p[who] {
			if beginning, open := strings.CutSuffix(pattern, "*"); pattern == name || open && strings.HasPrefix(name, beginning) {
				return true
			}
		}
	}
	return false
}
