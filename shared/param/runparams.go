package param

import (
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// reservedWords may not name run params, in lower, Capitalised and UPPER spelling.
var reservedWords = []string{"maestro", "scheduler", "util", "params"}

// reservedNames may not name run params either.
var reservedNames = []string{
	"AUTH_BLOB", "AUTH_DATA", "AUTH_ACTING_ON_BEHALF_OF_BLOB", "AUTH_TRIGGERING_ON_BEHALF_OF_BLOB", "AUTHORIZED_MANAGERS",
}

// CheckRunParams refuses run params that users may not give: too many, reserved names, source or internal mode set.
// It returns CodeInvalid.
func CheckRunParams(params *workflow.Params) error {
	if params.Len() > workflow.MaxRunParams {
		return invalidf("%d run params; at most %d are possible", params.Len(), workflow.MaxRunParams)
	}
	for name, p := range params.All() {
		if reserved(name) {
			return invalidf("run param %q has a reserved name", name)
		}
		if p == nil {
			return invalidf("run param %q has no definition", name)
		}
		if err := checkUntouched(name, p, Layer{Source: workflow.SourceLaunch}); err != nil {
			return err
		}
	}
	return nil
}

func reserved(name string) bool {
	return slices.Contains(reservedNames, name) || slices.ContainsFunc(reservedWords, func(word string) bool {
		return name == word || name == strings.ToUpper(word) || name == strings.ToUpper(word[:1])+word[1:]
	})
}
