package main

import (
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

// TestTheAgentRunsBesideDispatchAlone, and only where somebody may use a secret.
func TestTheAgentRunsBesideDispatchAlone(t *testing.T) {
	for name, tm := range map[string]template{"standard": standard, "bare": bare} {
		if strings.Contains(string(tm.text), "AWS::Lambda::LayerVersion") {
			t.Errorf("%s: there is an agent, and nobody may use a secret", name)
		}
	}
	layers := guarded.all(t, "AWS::Lambda::LayerVersion")
	if len(layers) != 1 || layers[0].Metadata["go"] != "cmd/"+wire.AgentProgram {
		t.Fatalf("the layers are %+v; want one with the agent", layers)
	}
	for _, name := range wire.Functions {
		f := guarded.function(t, name)
		has, _ := f.Properties["Layers"].([]any)
		told := at(f.Properties, "Environment", "Variables", wire.Agent)
		switch {
		case name != wire.Dispatch && (len(has) > 0 || told != nil):
			t.Errorf("%s has an agent", name)
		case name == wire.Dispatch && (len(has) != 1 || target(has[0]) != layers[0].id || told != wire.AgentAddress):
			t.Errorf("dispatch has the layers %v and is told %v", has, told)
		}
	}
}
