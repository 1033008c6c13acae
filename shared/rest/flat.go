package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/survey"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// flatten is a page of the iterations of a step of a body, through all loops around it, first to last. A page may
// hold fewer than were asked for and still have a next one: one request passes over so many iterations and no more.
func (s *server) flatten(r *request) (any, error) {
	ask, err := r.flat()
	if err != nil {
		return nil, err
	}
	run, err := s.find(r)
	if err != nil {
		return nil, err
	}
	found, err := s.survey.Flatten(r.Context(), run.Run, ask)
	if err != nil {
		return nil, err
	}
	out := &view.Page[*view.Flat]{Elements: found.Iterations, Total: int64(len(found.Iterations))}
	first, last := ask.After, found.End
	if n := len(found.Iterations); n > 0 {
		if first, err = view.ParseRank(found.Iterations[0].Rank); err != nil {
			return nil, err
		}
		if last == nil {
			last, err = view.ParseRank(found.Iterations[n-1].Rank)
		}
	} else {
		out.Elements = []*view.Flat{}
	}
	more, before := found.End != nil, ask.After != nil
	if ask.Backward {
		slices.Reverse(out.Elements)
		first, last, more, before = last, first, before, more
	}
	out.Info = view.PageInfo{Start: cursorOf(first), End: cursorOf(last), Next: more, Previous: before}
	return out, err
}

func cursorOf(ids []int64) string {
	if ids == nil {
		return ""
	}
	return base64.URLEncoding.EncodeToString([]byte(view.Rank(ids)))
}

// flat reads what the query asks for.
func (r *request) flat() (survey.Flat, error) {
	query := r.URL.Query()
	cut, err := view.ParseCut(query.Get("first"), query.Get("last"), "")
	if err != nil {
		return survey.Flat{}, err
	}
	ask := survey.Flat{Step: r.PathValue("step"), Limit: int(cut.First + cut.Last), Backward: cut.Last > 0}
	if cursor := query.Get("cursor"); cursor != "" {
		rank, err := base64.URLEncoding.DecodeString(cursor)
		if err == nil {
			ask.After, err = view.ParseRank(string(rank))
		}
		if err != nil {
			return ask, workflow.Errorf(workflow.CodeInvalid, "cursor must be a cursor of an earlier page")
		}
	}
	for name := range strings.SplitSeq(query.Get("statuses"), ",") {
		if name == "" {
			continue
		}
		status, err := workflow.ParseStepStatus(name)
		if err != nil {
			return ask, workflow.Errorf(workflow.CodeInvalid, "statuses must be a list of statuses of steps, separated by commas")
		}
		if ask.Statuses == nil {
			ask.Statuses = map[workflow.StepStatus]bool{}
		}
		ask.Statuses[status] = true
	}
	if text := query.Get("loopParams"); text != "" {
		ask.Params, err = loopParams(text)
	}
	return ask, err
}

// loopParams reads the values that loop params must have: base64url of an object.
func loopParams(text string) (map[string]string, error) {
	data, err := base64.URLEncoding.DecodeString(text)
	if err != nil {
		data, err = base64.RawURLEncoding.DecodeString(text)
	}
	values := map[string]any{}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err == nil {
		err = decoder.Decode(&values)
	}
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "loopParams must be base64url of a JSON object of names and values")
	}
	out := map[string]string{}
	for name, value := range values {
		out[name] = fmt.Sprint(value)
	}
	return out, nil
}

// flattenOne is one iteration of a step of a body.
func (s *server) flattenOne(r *request) (any, error) {
	ids, err := view.ParseIteration(r.PathValue("iteration"))
	if err != nil {
		return nil, err
	}
	run, err := s.find(r)
	if err != nil {
		return nil, err
	}
	found, err := s.survey.Flatten(r.Context(), run.Run, survey.Flat{Step: r.PathValue("step"), Exact: ids, Limit: 1})
	if err == nil && len(found.Iterations) == 0 {
		err = workflow.Errorf(workflow.CodeNotFound, "%s has no such iteration of step %q", run.Key, r.PathValue("step"))
	}
	if err != nil {
		return nil, err
	}
	return found.Iterations[0], nil
}

const defaultValues = 5

// flattenSummary says in short how a step of a body fared in all iterations.
func (s *server) flattenSummary(r *request) (any, error) {
	counted, err := r.flag("statusCount", false)
	if err != nil {
		return nil, err
	}
	representative, err := r.flag("representative", true)
	if err != nil {
		return nil, err
	}
	values := int64(defaultValues)
	if text := r.URL.Query().Get("valueCount"); text != "" {
		if values, err = strconv.ParseInt(text, 10, 64); err != nil || values < 0 || values > view.MaxPage {
			return nil, workflow.Errorf(workflow.CodeInvalid, "valueCount must be a number from 0 to %d", view.MaxPage)
		}
	}
	run, err := s.find(r)
	if err != nil {
		return nil, err
	}
	summary, err := s.survey.Summarize(r.Context(), run.Run, r.PathValue("step"), int(values))
	if err != nil {
		return nil, err
	}
	if !counted {
		summary.Counts = nil
	}
	if !representative {
		summary.Representative = nil
	}
	return summary, nil
}
