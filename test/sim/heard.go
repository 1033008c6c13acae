package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// heard is what the ledger knows of signals. It matches by itself, one signal after the other.
type heard struct {
	log      map[string][]announced      // by name, in order of their numbers
	known    map[string]bool             // by name and identity
	base     map[string]map[string]int64 // by trigger and name: what was announced before it listened
	state    map[string]*signal.State    // by trigger
	used     map[string]workflow.RunKey  // by trigger, name and number: the run
	runs     map[string]int64            // by trigger
	fulfills map[string]bool             // dependencies that were met, by run, step and place
}

type announced struct {
	params signal.Params
}

func newHeard() *heard {
	return &heard{log: map[string][]announced{}, known: map[string]bool{}, base: map[string]map[string]int64{},
		state: map[string]*signal.State{}, used: map[string]workflow.RunKey{}, runs: map[string]int64{},
		fulfills: map[string]bool{}}
}

// hear takes note of a write that is about signals.
func (l *ledger) hear(item store.Item) {
	switch {
	case strings.HasPrefix(item.Key.Part, "s/") && item.Key.Sort != "~shapes":
		l.logged(item)
	case item.Key.Part == "g/wf" && strings.HasPrefix(item.Key.Sort, "s/"):
		l.consumed(item)
	}
	if _, _, ok := record.ParseCommitKey(item.Key); ok && l.world.Signals {
		l.matched(item)
	}
}

// logged checks that signals are numbered without gaps, and that none is announced twice or overwritten.
func (l *ledger) logged(item store.Item) {
	name := strings.TrimPrefix(item.Key.Part, "s/")
	in, err := record.Decode[signal.Instance]("signal", item.Body)
	if err != nil {
		l.world.fail("%v", err)
		return
	}
	seq, err := strconv.Atoi(item.Key.Sort)
	if err != nil || seq != len(l.heard.log[name])+1 {
		l.world.fail("%s %s follows number %d", name, item.Key.Sort, len(l.heard.log[name]))
	}
	if id := name + " " + in.Identity; l.heard.known[id] {
		l.world.fail("%s is announced twice", id)
	} else {
		l.heard.known[id] = true
	}
	l.heard.log[name] = append(l.heard.log[name], announced{in.Params})
}

// consumed checks that what a trigger has consumed only grows.
func (l *ledger) consumed(item store.Item) {
	uuid := item.Key.Sort
	state, err := record.Decode[signal.State]("trigger", item.Body)
	if err != nil {
		l.world.fail("%v", err)
		return
	}
	before := l.heard.state[uuid]
	if before == nil {
		l.heard.base[uuid] = maps.Clone(state.Used)
		before = state
	}
	for name, seq := range before.Used {
		if state.Used[name] < seq {
			l.world.fail("trigger %s goes back from %s %d to %d", uuid, name, seq, state.Used[name])
		}
	}
	l.heard.state[uuid] = state
}

// matched checks what a commit says of signals: those that started the run, and those that its steps waited for.
func (l *ledger) matched(item store.Item) {
	commit, err := record.Decode[record.Commit]("commit", item.Body)
	if err != nil {
		l.world.fail("%v", err)
		return
	}
	key, _, _ := record.ParseCommitKey(item.Key)
	if h := commit.Header; h != nil && h.Initiator != nil && !h.Interrupted && h.Initiator.TriggerUUID != "" {
		l.begun(key, h.Initiator)
	}
	for _, detail := range commit.Details {
		for i, d := range detail.Signals {
			id := fmt.Sprint(key, detail.Ordinal, i)
			if d.Status == record.DependencyMatched && !l.heard.fulfills[id] { // a later attempt takes it over
				l.heard.fulfills[id] = true
				l.met(key, d)
			}
		}
	}
}

// begun checks that a trigger starts one run of a signal, and only of signals that it wants together.
func (l *ledger) begun(run workflow.RunKey, by *workflow.Initiator) {
	files := map[any]bool{}
	for name, seq := range by.SignalIDs {
		in, ok := l.at(name, seq)
		if !ok {
			l.world.fail("%s is started by %s %d, which was never announced", run, name, seq)
			continue
		}
		id := by.TriggerUUID + " " + name + " " + strconv.FormatInt(seq, 10)
		if other, twice := l.heard.used[id]; twice && other != run {
			l.world.fail("%s %d starts %s, and had started %s by the same trigger", name, seq, run, other)
		}
		l.heard.used[id] = run
		files[in.params["file"]] = true
		if len(by.SignalIDs) == 1 && in.params["kind"] != "new" {
			l.world.fail("%s %d starts %s, and is not wanted", name, seq, run)
		}
	}
	if len(files) != 1 {
		l.world.fail("%s is started by signals of %d files", run, len(files))
	}
	l.heard.runs["s/"+by.TriggerUUID]++
}

func (l *ledger) at(name string, seq int64) (announced, bool) {
	log := l.heard.log[name]
	if seq < 1 || seq > int64(len(log)) {
		return announced{}, false
	}
	return log[seq-1], true
}

// met checks that a step goes on with a signal that it wants. Of several it need not be the last: one that was
// announced and not yet delivered may be in no index.
func (l *ledger) met(run workflow.RunKey, d record.Dependency) {
	in, ok := l.at(d.Name, d.Seq)
	if !ok || !wants(d.Wanted, in.params) {
		l.world.fail("a step of %s goes on with %s %d, which does not satisfy %v", run, d.Name, d.Seq, d.Wanted)
	}
}

// wants tells whether params satisfy conditions on integers.
func wants(wanted signal.Matches, params signal.Params) bool {
	return !slices.ContainsFunc(wanted, func(m signal.Match) bool {
		got, value := integer(params[m.Param]), integer(m.Value)
		return !map[string]bool{"=": got == value, ">": got > value, ">=": got >= value, "<": got < value, "<=": got <= value}[m.Operator]
	})
}

func integer(value any) int64 {
	n, _ := value.(int64)
	return n
}

// waits tells whether a step of a run waits for signals.
func (l *ledger) waits(run workflow.RunKey) bool {
	h := l.runs[run]
	return h != nil && slices.ContainsFunc(h.state.Steps, func(s record.Step) bool { return s.Status == workflow.WaitingForSignals })
}

// overheard checks, once all is quiet, that no trigger skipped anything.
func (l *ledger) overheard() {
	for _, uuid := range slices.Sorted(maps.Keys(l.heard.state)) {
		state := l.heard.state[uuid]
		if len(state.Open) > 0 || state.Fired != l.heard.runs[uuid] {
			l.world.fail("trigger %s fired %d times, %d of them open, and started %d runs", uuid, state.Fired, len(state.Open), l.heard.runs[uuid])
		}
		if len(state.Used) == 1 {
			l.eachUpload(uuid)
		} else {
			l.noPairLeft(uuid, state)
		}
	}
	if l.world.Signals && len(l.heard.state) != len(l.world.body.SignalTriggers) {
		l.world.fail("%d triggers listen", len(l.heard.state))
	}
}

// eachUpload checks that every new upload since the trigger listens has started a run.
func (l *ledger) eachUpload(uuid string) {
	for i, in := range l.heard.log[upload] {
		seq := int64(i + 1)
		if _, started := l.heard.used[uuid[len("s/"):]+" "+upload+" "+strconv.FormatInt(seq, 10)]; !started &&
			seq > l.heard.base[uuid][upload] && in.params["kind"] == "new" {
			l.world.fail("%s %d has started no run", upload, seq)
		}
	}
}

// noPairLeft checks that no upload and no review of one file are left.
func (l *ledger) noPairLeft(uuid string, state *signal.State) {
	for i, one := range l.heard.log[upload] {
		for k, other := range l.heard.log[review] {
			if one.params["file"] == other.params["file"] && int64(i+1) > state.Used[upload] && int64(k+1) > state.Used[review] {
				l.world.fail("trigger %s skips %s %d with %s %d", uuid, upload, i+1, review, k+1)
			}
		}
	}
}
