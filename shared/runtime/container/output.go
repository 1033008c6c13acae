package container

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Tail returns the end of a log: what a report may hold of it.
func Tail(log string) string {
	cut := len(log) > MaxLogBytes
	if cut {
		log = log[len(log)-MaxLogBytes:]
		for len(log) > 0 && !utf8.RuneStart(log[0]) {
			log = log[1:]
		}
	}
	lines := strings.SplitAfter(log, "\n")
	if n := len(lines); n > 0 && lines[n-1] == "" {
		lines = lines[:n-1]
	}
	if len(lines) > MaxLogLines {
		lines = lines[len(lines)-MaxLogLines:]
	}
	return strings.ToValidUTF8(strings.Join(lines, ""), "\uFFFD")
}

// output reads what the job of an attempt printed between the last pair of its marks; nil when there is no pair.
func output(log, uuid string) (*definition.Output, error) {
	start, end := Marks(uuid)
	stop := strings.LastIndex(log, end)
	if stop < 0 {
		return nil, nil
	}
	begin := strings.LastIndex(log[:stop], start)
	if begin < 0 {
		return nil, nil
	}
	text := strings.TrimSpace(log[begin+len(start) : stop])
	if text == "" {
		return nil, nil
	}
	return definition.ParseOutput([]byte(text))
}

// own are the artifacts that a job may set of those whose meaning the engine knows. The others tell what the engine
// itself did, and a job's own artifacts have names of their own.
var own = map[string]bool{"maestro_dynamic_output": true, "maestro_retry": true}

// artifactsOf returns the artifacts that a job reported.
func artifactsOf(out *definition.Output) (*workflow.Ordered[json.RawMessage], error) {
	all := &workflow.Ordered[json.RawMessage]{}
	if out == nil {
		return all, nil
	}
	for key, value := range out.Artifacts.All() {
		if strings.HasPrefix(key, "maestro_") && !own[key] {
			return all, invalidf("the artifact %s is not a job's to set", key)
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return all, invalidf("the artifact %s cannot be written", key)
		}
		all.Set(key, raw)
	}
	return all, nil
}
