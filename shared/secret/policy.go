package secret

import (
	"encoding/json"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Policy says which secrets the workflows of an owner may use: patterns by owner. A pattern is a name, or the
// beginning of names and a star. The owner "*" is everybody. The zero value allows nothing.
type Policy map[string][]string

// ParsePolicy reads {"owner": ["name", "beginning/*"]}; an empty text is the empty policy. It returns CodeInvalid.
func ParsePolicy(text string) (Policy, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var p Policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, `the allow-list of secrets is an object such as {"owner": ["name", "beginning/*"]}`)
	}
	return p, nil
}

// Allows tells whether workflows of the owner may use the secret.
func (p Policy) Allows(owner, name string) bool {
	for _, who := range []string{owner, "*"} {
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
