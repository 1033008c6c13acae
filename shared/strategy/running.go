package strategy

import (
	"encoding/json"
	"fmt"
)

// Running is the runs that may execute, in the order in which they were let. They are stored in rows of consecutive
// instances, so that a thousand starts that execute side by side do not make the head dear to write.
type Running []Ref

// MarshalJSON writes a row as [instance, run, length], and one of a single run as [instance, run].
func (r Running) MarshalJSON() ([]byte, error) {
	rows := [][]int64{}
	for i, ref := range r {
		if i > 0 && ref == (Ref{r[i-1].Instance + 1, r[i-1].Run}) {
			last := &rows[len(rows)-1]
			if len(*last) == 2 {
				*last = append(*last, 1)
			}
			(*last)[2]++
			continue
		}
		rows = append(rows, []int64{ref.Instance, ref.Run})
	}
	return json.Marshal(rows)
}

// UnmarshalJSON reads the rows.
func (r *Running) UnmarshalJSON(data []byte) error {
	var rows [][]int64
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	*r = nil
	for _, row := range rows {
		length := int64(1)
		switch {
		case len(row) == 3 && row[2] > 1:
			length = row[2]
		case len(row) != 2:
			return fmt.Errorf("strategy: %v is no row of runs", row)
		}
		for i := range length {
			*r = append(*r, Ref{row[0] + i, row[1]})
		}
	}
	return nil
}
