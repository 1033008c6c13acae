package record

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// HeadKey is where the workflow's decisions meet.
func HeadKey(wf workflow.ID) store.Key { return store.Key{Part: "w/" + wf, Sort: "head"} }

// VersionKey is where version n of the definition is.
func VersionKey(wf workflow.ID, n int64) store.Key {
	return store.Key{Part: "w/" + wf, Sort: fmt.Sprintf("v/%010d", n)}
}

// PropertiesKey is where snapshot n of the properties is.
func PropertiesKey(wf workflow.ID, n int64) store.Key {
	return store.Key{Part: "w/" + wf, Sort: fmt.Sprintf("o/%010d", n)}
}

// NoteKey is where one line of the workflow's timeline is; token keeps lines of one millisecond apart.
func NoteKey(wf workflow.ID, at int64, token string) store.Key {
	return store.Key{Part: "w/" + wf, Sort: fmt.Sprintf("t/%015d/%s", at, token)}
}

// NoteRange lists the workflow's timeline, newest first.
func NoteRange(wf workflow.ID, limit int) store.Range {
	return store.Range{Part: "w/" + wf, From: "t/", To: "t0", Reverse: true, Limit: limit}
}

// BreakpointKey is where a breakpoint of a step is, by its scope.
func BreakpointKey(wf workflow.ID, step workflow.StepID, scope string) store.Key {
	return store.Key{Part: "w/" + wf, Sort: "b/" + step + "/" + scope}
}

// BreakpointRange lists the breakpoints of a step; of all steps for "".
func BreakpointRange(wf workflow.ID, step workflow.StepID) store.Range {
	if step == "" {
		return store.Range{Part: "w/" + wf, From: "b/", To: "b0"}
	}
	return store.Range{Part: "w/" + wf, From: "b/" + step + "/", To: "b/" + step + "0"}
}

// PausedKey is where an attempt is listed that a breakpoint stopped: with the workflow home that holds its definition.
func PausedKey(home workflow.ID, key workflow.AttemptKey) store.Key {
	sort := fmt.Sprintf("p/%s/%d/%d/%d", key.Step, key.Instance, key.Run, key.Attempt)
	if key.Workflow != home {
		sort += "/" + key.Workflow // an iteration of a loop
	}
	return store.Key{Part: "w/" + home, Sort: sort}
}

// PausedRange lists the attempts of a step that breakpoints stopped.
func PausedRange(wf workflow.ID, step workflow.StepID) store.Range {
	return store.Range{Part: "w/" + wf, From: "p/" + step + "/", To: "p/" + step + "0"}
}

// ParsePausedKey reads the attempt of a PausedKey.
func ParsePausedKey(key store.Key) (workflow.AttemptKey, error) {
	var out workflow.AttemptKey
	parts := strings.Split(key.Sort, "/")
	if len(parts) >= 5 && len(parts) <= 6 && parts[0] == "p" {
		instance, err1 := strconv.ParseInt(parts[2], 10, 64)
		run, err2 := strconv.ParseInt(parts[3], 10, 64)
		attempt, err3 := strconv.ParseInt(parts[4], 10, 64)
		if err1 == nil && err2 == nil && err3 == nil {
			out.Workflow, out.Instance, out.Run = strings.TrimPrefix(key.Part, "w/"), instance, run
			out.Step, out.Attempt = parts[1], attempt
			if len(parts) == 6 {
				out.Workflow = parts[5]
			}
			return out, nil
		}
	}
	return out, workflow.Errorf(workflow.CodeInternal, "the item %s/%s lists no attempt", key.Part, key.Sort)
}

// PermitKey is where the permits of a tag are.
func PermitKey(tag string) store.Key { return store.Key{Part: "c/" + tag, Sort: "."} }

// TicketKey is where an attempt that became ready at a time (epoch milliseconds) waits for a permit of a tag.
func TicketKey(tag string, since int64, run workflow.RunKey, ordinal int, attempt int64) store.Key {
	sort := fmt.Sprintf("t/%015d/%s/%d/%d/%d/%d", since, run.Workflow, run.Instance, run.Run, ordinal, attempt)
	return store.Key{Part: "c/" + tag, Sort: sort}
}

// TicketRange lists the first who wait for a permit of a tag, in their order.
func TicketRange(tag string, limit int) store.Range {
	return store.Range{Part: "c/" + tag, From: "t/", To: "t0", Limit: limit}
}

// PermitNoteKey is where it is told who limited a tag, and why.
func PermitNoteKey(tag string) store.Key { return store.Key{Part: "c/" + tag, Sort: "note"} }

// RequestKey is where a start request of a client is remembered for ever.
func RequestKey(wf workflow.ID, request string) store.Key {
	sum := fnv.New32a()
	sum.Write([]byte(request))
	return store.Key{Part: fmt.Sprintf("q/%s/%02x", wf, sum.Sum32()&0xff), Sort: request}
}

func instancePart(wf workflow.ID, instance int64) string {
	return "i/" + wf + "/" + strconv.FormatInt(instance, 10)
}

// CommitKey is where commit n of a run is.
func CommitKey(k workflow.RunKey, n int64) store.Key {
	return store.Key{Part: instancePart(k.Workflow, k.Instance), Sort: fmt.Sprintf("%06d/%08d", k.Run, n)}
}

// LastCommit asks for the newest commit of a run.
func LastCommit(k workflow.RunKey) store.Range {
	prefix := fmt.Sprintf("%06d/", k.Run)
	return store.Range{Part: instancePart(k.Workflow, k.Instance), From: prefix, To: prefix + "~", Reverse: true, Limit: 1}
}

// LatestCommit asks for the newest commit of the newest run of an instance.
func LatestCommit(wf workflow.ID, instance int64) store.Range {
	return store.Range{Part: instancePart(wf, instance), To: "~", Reverse: true, Limit: 1}
}

// CommitBefore asks for the last commit of the run before one.
func CommitBefore(k workflow.RunKey) store.Range {
	return store.Range{Part: instancePart(k.Workflow, k.Instance), To: fmt.Sprintf("%06d/", k.Run), Reverse: true, Limit: 1}
}

// AllCommits lists the commits of a run, oldest first.
func AllCommits(k workflow.RunKey) store.Range {
	prefix := fmt.Sprintf("%06d/", k.Run)
	return store.Range{Part: instancePart(k.Workflow, k.Instance), From: prefix, To: prefix + "~"}
}

// ParseCommitKey tells which commit of which run is at key, and whether one is at all.
func ParseCommitKey(key store.Key) (run workflow.RunKey, n int64, ok bool) {
	part, found := strings.CutPrefix(key.Part, "i/")
	slash := strings.LastIndexByte(part, '/')
	if !found || slash < 0 {
		return run, 0, false
	}
	left, right, found := strings.Cut(key.Sort, "/")
	instance, err1 := strconv.ParseInt(part[slash+1:], 10, 64)
	number, err2 := strconv.ParseInt(left, 10, 64)
	n, err3 := strconv.ParseInt(right, 10, 64)
	ok = found && err1 == nil && err2 == nil && err3 == nil
	return workflow.RunKey{Workflow: part[:slash], Instance: instance, Run: number}, n, ok
}

// TickKey is where the sweep keeps its place.
func TickKey() store.Key { return store.Key{Part: "t/~", Sort: "."} }

// TokenKey is where the key is with which the deployment signs the tokens of jobs.
func TokenKey() store.Key { return store.Key{Part: "j/~key", Sort: "."} }
