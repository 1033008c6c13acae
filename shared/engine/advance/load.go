package advance

import (
	"context"
	"encoding/json"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// LoadHead returns the head of a workflow and its revision. It returns CodeNotFound when there is none;
// a deleted one is returned as it is.
func (l *Loop) LoadHead(ctx context.Context, wf workflow.ID) (*strategy.Head, int64, error) {
	items, err := l.Store.Get(ctx, store.Fresh, record.HeadKey(wf))
	if err != nil {
		return nil, 0, coded(err)
	}
	if items[0].Rev == 0 {
		return nil, 0, workflow.Errorf(workflow.CodeNotFound, "there is no workflow %q", wf)
	}
	head, err := record.Decode[strategy.Head]("head of "+wf, items[0].Body)
	if err == nil {
		l.cache.crowds.replace(wf, heldCrowd{crowded(head), l.Clock.Now()}, smallest)
	}
	return head, items[0].Rev, err
}

// LoadRun returns a run as its last commit has it. It returns CodeNotFound when it has none.
func (l *Loop) LoadRun(ctx context.Context, key workflow.RunKey) (*decide.Run, error) {
	items, _, err := l.Store.List(ctx, record.LastCommit(key))
	if err != nil {
		return nil, coded(err)
	}
	if len(items) == 0 {
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no run %s", key)
	}
	return l.RunAt(ctx, items[0])
}

// StateAt returns the state of a run as commit n left it. It returns CodeNotFound when there is none.
func (l *Loop) StateAt(ctx context.Context, key workflow.RunKey, n int64) (*record.State, error) {
	commit, err := l.commit(ctx, key, n)
	if err != nil {
		return nil, err
	}
	return commit.State, nil
}

// LoadLatest returns the newest run of an instance. It returns CodeNotFound when there is none.
func (l *Loop) LoadLatest(ctx context.Context, wf workflow.ID, instance int64) (*decide.Run, error) {
	items, _, err := l.Store.List(ctx, record.LatestCommit(wf, instance))
	if err != nil {
		return nil, coded(err)
	}
	if len(items) == 0 {
		return nil, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no instance %d", wf, instance)
	}
	return l.RunAt(ctx, items[0])
}

// LoadAt returns a run as its commit n left it.
func (l *Loop) LoadAt(ctx context.Context, key workflow.RunKey, n int64) (*decide.Run, error) {
	item, err := l.settled(ctx, record.CommitKey(key, n))
	if err != nil {
		return nil, err
	}
	return l.RunAt(ctx, item)
}

// RunAt returns a run as one of its commits has it, which was read or which a feed of changes yielded. It returns
// CodeNotFound for one that has expired.
func (l *Loop) RunAt(ctx context.Context, item store.Item) (*decide.Run, error) {
	key, n, ok := record.ParseCommitKey(item.Key)
	if !ok {
		return nil, workflow.Errorf(workflow.CodeInternal, "the item %s/%s is no commit", item.Part, item.Sort)
	}
	commit, err := l.remember(item)
	if err != nil {
		return nil, err
	}
	if l.expired(item, commit.State) {
		return nil, gone(key)
	}
	header, err := l.header(ctx, key, commit)
	if err != nil {
		return nil, err
	}
	def, err := l.definitionOf(ctx, key, header)
	if err != nil {
		return nil, err
	}
	return &decide.Run{Key: key, Commits: n, Header: header, State: commit.State, Definition: def}, nil
}

// remember decodes a commit and keeps it, for it never changes.
func (l *Loop) remember(item store.Item) (*record.Commit, error) {
	if commit, ok := l.cache.commits.get(item.Key); ok {
		return commit, nil
	}
	commit, err := record.Decode[record.Commit]("commit "+item.Part+"/"+item.Sort, item.Body)
	if err != nil {
		return nil, err
	}
	if commit.State == nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "commit %s/%s has no state", item.Part, item.Sort)
	}
	l.cache.commits.add(item.Key, commit, len(item.Body))
	return commit, nil
}

// header returns the header of the run that a commit is of.
func (l *Loop) header(ctx context.Context, key workflow.RunKey, commit *record.Commit) (*record.Header, error) {
	if header, ok := l.cache.headers.get(key); ok {
		return header, nil
	}
	if commit.Header == nil {
		first, err := l.commit(ctx, key, 1)
		if err != nil {
			return nil, err
		}
		commit = first
	}
	if commit.Header == nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "the first commit of %s has no header", key)
	}
	header, err := l.complete(ctx, key, commit.Header)
	if err != nil {
		return nil, err
	}
	l.cache.keepHeader(key, header, smallest)
	return header, nil
}

// commit returns commit n of a run.
func (l *Loop) commit(ctx context.Context, key workflow.RunKey, n int64) (*record.Commit, error) {
	at := record.CommitKey(key, n)
	if commit, ok := l.cache.commits.get(at); ok {
		return commit, nil
	}
	item, err := l.settled(ctx, at)
	if err != nil {
		return nil, err
	}
	return l.remember(item)
}

// End names a run that ended.
type End struct {
	Key    workflow.RunKey
	Commit int64 // in which it ended; 0: its last one
}

// Over is a run that ended, or one that has not.
type Over struct {
	strategy.Ended
	Run *decide.Run // nil of one that no step started: nothing more is asked of it than how it ended
}

// LoadEnded returns runs as the commits have them in which they ended, for that is how they stay. Each has an error of its
// own.
func (l *Loop) LoadEnded(ctx context.Context, ends []End) ([]Over, []error) {
	out, errs := make([]Over, len(ends)), make([]error, len(ends))
	var keys []store.Key
	var at []int
	for i, end := range ends {
		if end.Commit == 0 {
			run, err := l.LoadRun(ctx, end.Key)
			if errs[i] = err; err == nil {
				out[i] = Over{EndOf(run), run}
			}
			continue
		}
		keys, at = append(keys, record.CommitKey(end.Key, end.Commit)), append(at, i)
	}
	items, err := l.settledAll(ctx, keys)
	for n, i := range at {
		if errs[i] = err; err == nil {
			out[i], errs[i] = l.endAt(ctx, ends[i], items[n])
		}
	}
	return out, errs
}

// endAt returns a run as the commit has it that an end names.
func (l *Loop) endAt(ctx context.Context, end End, item store.Item) (Over, error) {
	if item.Rev == 0 {
		return Over{}, gone(end.Key)
	}
	commit, err := l.remember(item)
	if err != nil {
		return Over{}, err
	}
	if !commit.Root {
		run, err := l.RunAt(ctx, item)
		if err != nil {
			return Over{}, err
		}
		return Over{EndOf(run), run}, nil
	}
	if l.expired(item, commit.State) {
		return Over{}, gone(end.Key)
	}
	return Over{Ended: strategy.Ended{Ref: refOf(end.Key), Status: commit.State.Status}}, nil
}

// settled reads an item that never changes.
func (l *Loop) settled(ctx context.Context, key store.Key) (store.Item, error) {
	items, err := l.settledAll(ctx, []store.Key{key})
	if err != nil {
		return store.Item{}, err
	}
	if items[0].Rev == 0 {
		return items[0], workflow.Errorf(workflow.CodeNotFound, "there is no item %s/%s", key.Part, key.Sort)
	}
	return items[0], nil
}

// settledAll reads items that never change: cheaply first, and strongly what that does not find.
func (l *Loop) settledAll(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	out, missing := make([]store.Item, len(keys)), make([]int, len(keys))
	for i := range keys {
		missing[i] = i
	}
	for _, how := range []store.Read{store.Stale, store.Fresh} {
		if len(missing) == 0 {
			break
		}
		asked := make([]store.Key, len(missing))
		for n, i := range missing {
			asked[n] = keys[i]
		}
		items, err := l.Store.Get(ctx, how, asked...)
		if err != nil {
			return nil, coded(err)
		}
		var left []int
		for n, i := range missing {
			if out[i] = items[n]; items[n].Rev == 0 {
				left = append(left, i)
			}
		}
		missing = left
	}
	return out, nil
}

// Definition returns a version of a workflow, ready to run. It returns CodeNotFound when there is none.
func (l *Loop) Definition(ctx context.Context, wf workflow.ID, version int64) (*decide.Definition, error) {
	key := record.VersionKey(wf, version)
	if def, ok := l.cache.definitions.get(key); ok {
		return def, nil
	}
	item, err := l.settled(ctx, key)
	if err != nil {
		if workflow.CodeOf(err) == workflow.CodeNotFound {
			return nil, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no version %d", wf, version)
		}
		return nil, err
	}
	stored, err := DecodeVersion(item.Body)
	if err != nil {
		return nil, err
	}
	def, err := decide.Compile(stored)
	if err != nil {
		return nil, err
	}
	l.cache.definitions.add(key, def, len(item.Body))
	return def, nil
}

// Properties returns snapshot n of the properties of a workflow. It never changes once a head names it; a workflow without
// one has none set.
func (l *Loop) Properties(ctx context.Context, wf workflow.ID, n int64) (*workflow.Properties, error) {
	key := record.PropertiesKey(wf, n)
	if known, ok := l.cache.properties.get(key); ok {
		return known, nil
	}
	items, err := l.Store.Get(ctx, store.Fresh, key)
	if err != nil {
		return nil, coded(err)
	}
	if items[0].Rev == 0 {
		return &workflow.Properties{}, nil
	}
	snapshot, err := record.Decode[record.Snapshot]("properties of "+wf, items[0].Body)
	if err != nil {
		return nil, err
	}
	l.cache.properties.add(key, snapshot.Properties, len(items[0].Body))
	return snapshot.Properties, nil
}

// DecodeVersion reads the body of a version item.
func DecodeVersion(body []byte) (*workflow.Version, error) {
	doc, err := record.Decode[struct {
		workflow.Version
		Workflow json.RawMessage `json:"workflow"`
	}]("version", body)
	if err != nil {
		return nil, err
	}
	version := doc.Version
	if version.Workflow, err = definition.ParseWorkflow(doc.Workflow, definition.JSON); err != nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "a stored version does not parse: %w", err)
	}
	return &version, nil
}

// Detail returns what commit n holds of a step, with its params.
func (l *Loop) Detail(ctx context.Context, key workflow.RunKey, n int64, ordinal int) (*record.Detail, error) {
	detail, err := l.storedDetail(ctx, key, n, ordinal)
	if err != nil || detail.Home != 0 && detail.ParamsAt == 0 {
		return detail, err // as this process wrote it, with its params
	}
	out := *detail // what is cached stays as it was read
	out.Home = n
	if detail.ParamsAt != 0 {
		home, err := l.storedDetail(ctx, key, detail.ParamsAt, ordinal)
		if err != nil {
			return nil, err
		}
		out.Params, out.Home, out.ParamsAt = home.Params, detail.ParamsAt, 0
	}
	return &out, nil
}

func (l *Loop) storedDetail(ctx context.Context, key workflow.RunKey, n int64, ordinal int) (*record.Detail, error) {
	commit, err := l.commit(ctx, key, n)
	if err != nil {
		return nil, err
	}
	for _, detail := range commit.Details {
		if detail.Ordinal == ordinal {
			return detail, nil
		}
	}
	return nil, workflow.Errorf(workflow.CodeInternal, "commit %d of %s holds nothing of step %d", n, key, ordinal)
}

// Timeline returns the run's own timeline from commit n.
func (l *Loop) Timeline(ctx context.Context, key workflow.RunKey, n int64) (workflow.Timeline, error) {
	if n == 0 {
		return nil, nil
	}
	commit, err := l.commit(ctx, key, n)
	if err != nil || commit.Note == nil {
		return nil, err
	}
	return commit.Note.Timeline, nil
}
