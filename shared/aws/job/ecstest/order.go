package ecstest

import "strings"

// Fail makes calls fail as fault says of their operations; a status of 0 lets one through. nil ends it.
func (s *Server) Fail(fault func(operation string) (status int, kind string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Refuse makes RunTask place nothing, for a reason; "" ends it.
func (s *Server) Refuse(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place = reason
}

// Hide makes tasks unknown to reads, as they may be for a while after they were run.
func (s *Server) Hide(hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden = hidden
}

// Tasks returns the ARNs of all tasks that were ever run, oldest first.
func (s *Server) Tasks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.order...)
}

// Calls returns the calls of an operation.
func (s *Server) Calls(operation string) []Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Object
	for _, call := range s.calls {
		if call.Operation == operation {
			out = append(out, call.Body)
		}
	}
	return out
}

// Run lets a task run.
func (s *Server) Run(arn string) { s.set(arn, Object{"lastStatus": "RUNNING"}) }

// End is how a task ends.
type End struct {
	Exit   int    // of its container; below 0: there is none, for it never ran
	Code   string // "": EssentialContainerExited
	Reason string
	Log    []string
	Of     Object // of the container, beside its exit code
}

// End ends a task.
func (s *Server) End(arn string, end End) {
	if end.Code == "" {
		end.Code, end.Reason = "EssentialContainerExited", "Essential container in task exited"
	}
	s.set(arn, Object{"lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stopCode": end.Code, "stoppedReason": end.Reason})
	s.mu.Lock()
	defer s.mu.Unlock()
	main := s.tasks[arn].document["containers"].([]any)[0].(Object)
	main["lastStatus"] = "STOPPED"
	if end.Exit >= 0 {
		main["exitCode"] = end.Exit
	}
	for key, value := range end.Of {
		main[key] = value
	}
	if end.Log != nil {
		s.logs[LogGroup+" ecs/main/"+arn[strings.LastIndex(arn, "/")+1:]] = end.Log
	}
}

func (s *Server) set(arn string, values Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, value := range values {
		s.tasks[arn].document[key] = value
	}
}

// Environment returns a variable that a task was given.
func (s *Server) Environment(arn, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	overrides := s.tasks[arn].document["overrides"].(Object)
	for _, one := range overrides["containerOverrides"].([]any)[0].(Object)["environment"].([]any) {
		if pair := one.(Object); pair["name"] == name {
			return pair["value"].(string)
		}
	}
	return ""
}
