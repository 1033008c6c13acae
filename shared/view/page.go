package view

import (
	"strconv"

	"github.com/segue-workflows/segue/shared/workflow"
)

// MaxPage is the largest page.
const MaxPage = 200

// Cut is which page of a series of numbers is asked for: exactly one of First (towards older) and Last (towards
// newer) is set.
type Cut struct {
	First, Last int64
	Cursor      int64 // the number to continue from, exclusive; 0: from the end where the page begins
}

// ParseCut reads the query of a page. It returns CodeInvalid.
func ParseCut(first, last, cursor string) (Cut, error) {
	var cut Cut
	if (first == "") == (last == "") {
		return cut, workflow.Errorf(workflow.CodeInvalid, "a page needs exactly one of first and last, from 1 to %d", MaxPage)
	}
	name, text, into := "first", first, &cut.First
	if first == "" {
		name, text, into = "last", last, &cut.Last
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > MaxPage {
		return cut, workflow.Errorf(workflow.CodeInvalid, "%s must be a number from 1 to %d", name, MaxPage)
	}
	*into = n
	if cursor == "" {
		return cut, nil
	}
	if cut.Cursor, err = strconv.ParseInt(cursor, 10, 64); err != nil || cut.Cursor < 1 {
		return cut, workflow.Errorf(workflow.CodeInvalid, "cursor must be a cursor of an earlier page: a number from 1")
	}
	return cut, nil
}

// Window returns the numbers of the page, newest first, of a series from oldest to newest; 0, 0 is the empty series.
// Numbers outside the series are clipped.
func (c Cut) Window(oldest, newest int64) (low, high int64) {
	if newest == 0 {
		return 0, -1
	}
	if c.First > 0 {
		high = newest
		if c.Cursor > 0 {
			high = c.Cursor - 1
		}
		low = high - c.First + 1
	} else {
		low = oldest
		if c.Cursor > 0 {
			low = min(c.Cursor, newest) + 1
		}
		high = low + c.Last - 1
	}
	return max(low, oldest), min(high, newest)
}

// Page is one page of documents, newest first.
type Page[T any] struct {
	Info     PageInfo `json:"page_info"`
	Total    int64    `json:"total_count"`
	Elements []T      `json:"elements"`
}

// PageInfo says where a page lies. Its next page is the one of older elements.
type PageInfo struct {
	Start      string `json:"start_cursor,omitempty"`
	End        string `json:"end_cursor,omitempty"`
	Previous   bool   `json:"has_previous_page"`
	Next       bool   `json:"has_next_page"`
	StartIndex int64  `json:"start_index"` // of the oldest element, from 1 for the oldest of all
}

// NewPage makes the page that the window low to high of a series cuts out.
func NewPage[T any](low, high, oldest, newest int64, elements []T) *Page[T] {
	out := &Page[T]{Elements: elements}
	if out.Elements == nil {
		out.Elements = []T{}
	}
	if newest > 0 {
		out.Total = newest - oldest + 1
	}
	if low > high {
		return out
	}
	out.Info = PageInfo{Start: strconv.FormatInt(high, 10), End: strconv.FormatInt(low, 10),
		Previous: high < newest, Next: low > oldest, StartIndex: low - oldest + 1}
	return out
}
