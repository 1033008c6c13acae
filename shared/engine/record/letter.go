package record

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// keepLetters is how long an attempt that was set aside stays listed, as long as SQS keeps a message at most.
const keepLetters = 14 * 24 * time.Hour

// LetterItem lists an attempt among the dead letters, with the workflow home that holds its definition. It needs no
// guard: its key is all it says, and whoever reads it looks the attempt up.
func LetterItem(home workflow.ID, key workflow.AttemptKey, now time.Time) store.Item {
	return store.Item{Key: LetterKey(home, key), Body: []byte("{}"), Expire: now.Add(keepLetters)}
}

// LetterKey is where an attempt is listed that was set aside.
func LetterKey(home workflow.ID, key workflow.AttemptKey) store.Key {
	sort := fmt.Sprintf("%s/%010d/%06d/%s/%d", home, key.Instance, key.Run, key.Step, key.Attempt)
	if key.Workflow != home {
		sort += "/" + key.Workflow // an iteration of a loop
	}
	sum := fnv.New32a()
	sum.Write([]byte(home))
	return store.Key{Part: letterPart(int(sum.Sum32() % Shards)), Sort: sort}
}

func letterPart(shard int) string { return fmt.Sprintf("d/%d", shard) }

// LetterRange lists the attempts of one shard that were set aside; of one workflow unless home is "".
func LetterRange(shard int, home workflow.ID) store.Range {
	r := store.Range{Part: letterPart(shard)}
	if home != "" {
		r.Part = LetterKey(home, workflow.AttemptKey{}).Part
		r.From, r.To = home+"/", home+"0"
	}
	return r
}

// ParseLetterKey reads the attempt of a LetterKey, and the workflow that holds its definition.
func ParseLetterKey(key store.Key) (home workflow.ID, out workflow.AttemptKey, err error) {
	parts := strings.Split(key.Sort, "/")
	if len(parts) == 5 || len(parts) == 6 {
		instance, err1 := strconv.ParseInt(parts[1], 10, 64)
		run, err2 := strconv.ParseInt(parts[2], 10, 64)
		attempt, err3 := strconv.ParseInt(parts[4], 10, 64)
		if err1 == nil && err2 == nil && err3 == nil {
			out.RunKey = workflow.RunKey{Workflow: parts[0], Instance: instance, Run: run}
			if len(parts) == 6 {
				out.Workflow = parts[5]
			}
			out.Step, out.Attempt = parts[3], attempt
			return parts[0], out, nil
		}
	}
	return "", out, workflow.Errorf(workflow.CodeInternal, "the item %s/%s lists no attempt", key.Part, key.Sort)
}
