package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

// TestOnlyDispatchReadsSecretsAndOnlyThoseAllowed: where nobody is allowed any, no function may read one.
func TestOnlyDispatchReadsSecretsAndOnlyThoseAllowed(t *testing.T) {
	for name, tm := range map[string]template{"standard": standard, "bare": bare, "guarded": guarded} {
		var found []statement
		for _, s := range allowed(t, tm) {
			if slices.ContainsFunc(s.actions, func(a any) bool { return strings.HasPrefix(fmt.Sprint(a), "secretsmanager:") }) {
				found = append(found, s)
			}
		}
		list := at(tm.function(t, wire.Dispatch).Properties, "Environment", "Variables", wire.Secrets)
		if name != "guarded" {
			if len(found) > 0 || list != nil {
				t.Errorf("%s: secrets may be read: %v %v", name, found, list)
			}
			continue
		}
		if len(found) != 1 || !strings.HasPrefix(found[0].policy, "Dispatch") || !slices.Equal(found[0].actions, []any{"secretsmanager:GetSecretValue"}) ||
			len(found[0].resources) != 1 || !strings.Contains(fmt.Sprint(found[0].resources[0]), ":secret:db/prod-??????") {
			t.Errorf("%s: %v", name, found)
		}
		if list != `{"alice":["db/prod"]}` {
			t.Errorf("dispatch is told %v", list)
		}
	}
}
