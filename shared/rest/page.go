package rest

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// maxPageBytes is how much a page holds before it ends early: hosts bound the size of an answer. A page that ends
// early is an ordinary page with fewer elements; its cursors say where to go on.
const maxPageBytes = 4 << 20

// cut reads which page the query asks for.
func (r *request) cut() (view.Cut, error) {
	query := r.URL.Query()
	return view.ParseCut(query.Get("first"), query.Get("last"), query.Get("cursor"))
}

// page loads the elements of a page of the series from oldest to newest. Numbers that nothing is at are left out.
func page[T any](cut view.Cut, oldest, newest int64, load func(n int64) (T, error)) (*view.Page[json.RawMessage], error) {
	low, high := cut.Window(oldest, newest)
	numbers := descending(low, high)
	if cut.Last > 0 {
		slices.Reverse(numbers) // a page that ends early must keep what is next to its cursor
	}
	var elements []json.RawMessage
	size, reached := 0, int64(0)
	for _, n := range numbers {
		if size >= maxPageBytes {
			low, high = endAt(cut, low, high, reached)
			break
		}
		reached = n
		element, err := load(n)
		if errors.Is(err, workflow.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(element)
		if err != nil {
			return nil, err
		}
		size += len(data)
		elements = append(elements, data)
	}
	if cut.Last > 0 {
		slices.Reverse(elements)
	}
	return view.NewPage(low, high, oldest, newest, elements), nil
}

// endAt narrows a window to what was reached.
func endAt(cut view.Cut, low, high, reached int64) (int64, int64) {
	if cut.Last > 0 {
		return low, reached
	}
	return reached, high
}

// descending lists the numbers from high to low.
func descending(low, high int64) []int64 {
	var out []int64
	for n := high; n >= low; n-- {
		out = append(out, n)
	}
	return out
}
