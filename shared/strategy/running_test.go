package strategy_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/strategy"
)

// What runs is read as it was written, in its order.
func TestRunningIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var runs strategy.Running
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			from, run := rapid.Int64Range(1, 9).Draw(t, "from"), rapid.Int64Range(1, 2).Draw(t, "run")
			for i := range rapid.Int64Range(1, 4).Draw(t, "length") {
				runs = append(runs, strategy.Ref{Instance: from + i, Run: run})
			}
		}
		data, err := json.Marshal(runs)
		if err != nil {
			t.Fatal(err)
		}
		var back strategy.Running
		if err := json.Unmarshal(data, &back); err != nil || !slices.Equal(back, runs) {
			t.Fatalf("%v is written as %s and reads as %v: %v", runs, data, back, err)
		}
	})
}

// A thousand starts side by side are one row.
func TestConsecutiveRunsAreOneRow(t *testing.T) {
	var runs strategy.Running
	for i := range int64(1000) {
		runs = append(runs, strategy.Ref{Instance: i + 5, Run: 1})
	}
	runs = append(runs, strategy.Ref{Instance: 3, Run: 2})
	if data, _ := json.Marshal(runs); string(data) != "[[5,1,1000],[3,2]]" {
		t.Errorf("written as %s", data)
	}
	for text, good := range map[string]bool{"[[1,1],[2,1]]": true, "null": true, "[[1]]": false, "[[1,1,1]]": false, "[[1,1,0]]": false, "[[1,1,2,3]]": false, "{}": false} {
		var back strategy.Running
		if err := json.Unmarshal([]byte(text), &back); (err == nil) != good {
			t.Errorf("%s reads as %v: %v", text, back, err)
		}
	}
}
