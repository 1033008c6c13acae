package record

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Shards is the number of partitions over which the wake items of one minute are spread.
const Shards = 16

// wakeLife is how long a wake item outlives its time.
const wakeLife = 24 * time.Hour

// WakeItem says "look at this run then". It needs no guard: its key is all it says.
func WakeItem(k workflow.RunKey, at time.Time) store.Item {
	name := k.String()
	return wakeItem(name, name, []byte("{}"), at)
}

// MaxWoken is how many runs one wake item names, so that it stays one write unit.
const MaxWoken = 25

// woken is the body of a wake item that names several runs.
type woken struct {
	Runs []string `json:"runs"`
}

// sharedWake begins what stands in the key of such an item for its runs. No workflow's id begins so.
const sharedWake = "*"

// WakeItems says "look at these runs then", in items of at most MaxWoken. They need no guard either: a key stands for
// all names in its item.
func WakeItems(runs []workflow.RunKey, at time.Time) []store.Item {
	var out []store.Item
	for some := range slices.Chunk(runs, MaxWoken) {
		if len(some) == 1 {
			out = append(out, WakeItem(some[0], at))
			continue
		}
		var body woken
		for _, k := range some {
			body.Runs = append(body.Runs, k.String())
		}
		all := strings.Join(body.Runs, " ")
		sum := fnv.New64a()
		sum.Write([]byte(all))
		out = append(out, wakeItem(fmt.Sprintf("%s%016x/%s", sharedWake, sum.Sum64(), body.Runs[0]), all, Encode(body), at))
	}
	return out
}

// ScheduleWake says "look at the time triggers of this workflow then". ParseWake reads it as a run key with
// nothing but the workflow.
func ScheduleWake(wf workflow.ID, at time.Time) store.Item {
	return wakeItem(wf, wf, []byte("{}"), at) // the id has no colon, so it is no run key
}

// wakeItem is the item about name, in the shard that spread leads to.
func wakeItem(name, spread string, body []byte, at time.Time) store.Item {
	sum := fnv.New32a()
	sum.Write([]byte(spread))
	at = at.UTC().Truncate(time.Second)
	return store.Item{
		Key: store.Key{
			Part: wakePart(at.Truncate(time.Minute), int(sum.Sum32()%Shards)),
			Sort: fmt.Sprintf("%02d/%s", at.Second(), name),
		},
		Body:   body,
		Expire: at.Add(wakeLife),
	}
}

func wakePart(minute time.Time, shard int) string {
	return fmt.Sprintf("t/%d/%d", minute.Unix()/60, shard)
}

// WakeRange lists the wake items of one minute and shard.
func WakeRange(minute time.Time, shard int) store.Range {
	return store.Range{Part: wakePart(minute.Truncate(time.Minute), shard)}
}

// ParseWake reads the runs and the time of a wake item. One about a workflow's time triggers has no run: only the
// workflow of its key is set.
func ParseWake(item store.Item) (runs []workflow.RunKey, at time.Time, err error) {
	var minute int64
	var shard int
	if _, err := fmt.Sscanf(item.Part, "t/%d/%d", &minute, &shard); err != nil {
		return nil, at, workflow.Errorf(workflow.CodeInternal, "wake item with the part %q", item.Part)
	}
	second, name, _ := strings.Cut(item.Sort, "/")
	n, err := strconv.Atoi(second)
	if err != nil {
		return nil, at, workflow.Errorf(workflow.CodeInternal, "wake item with the sort key %q", item.Sort)
	}
	at = time.Unix(minute*60+int64(n), 0).UTC()
	names := []string{name}
	switch {
	case strings.HasPrefix(name, sharedWake):
		body, err := Decode[woken]("wake item", item.Body)
		if err != nil {
			return nil, at, err
		}
		names = body.Runs
	case !strings.Contains(name, ":"):
		return []workflow.RunKey{{Workflow: name}}, at, nil
	}
	for _, name := range names {
		key, err := workflow.ParseRunKey(name)
		if err != nil {
			return nil, at, err
		}
		runs = append(runs, key)
	}
	return runs, at, nil
}
