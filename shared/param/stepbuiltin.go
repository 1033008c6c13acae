package param

import "github.com/segue-workflows/segue/shared/workflow"

// stepBuiltins are the params that every step has: nobody may change them.
func stepBuiltins(id Identity) *workflow.Params {
	out := &workflow.Params{}
	out.Set("workflow_instance_id", system(workflow.Literal(id.Instance), workflow.Reserved))
	out.Set("step_instance_uuid", system(workflow.Literal(id.StepUUID), workflow.Reserved))
	out.Set("step_attempt_id", system(workflow.Literal(id.Attempt), workflow.Reserved))
	out.Set("step_id", system(workflow.Literal(id.Step), workflow.Reserved))
	return out
}

// typeBuiltins are the params that a runtime type brings.
func typeBuiltins(runtimeType string) *workflow.Params {
	out := &workflow.Params{}
	set := func(name string, p *workflow.Param, mode workflow.InternalMode) { out.Set(name, system(p, mode)) }
	switch runtimeType {
	case "FOREACH":
		setLoop(out)
	case "WHILE":
		setLoop(out)
		set("condition", workflow.Literal(false), workflow.Reserved)
	case "SUBWORKFLOW":
		set("subworkflow_id", &workflow.Param{Type: workflow.String}, workflow.Required)
		set("subworkflow_version", workflow.Literal("active"), workflow.Provided)
	case "SLEEP":
		set("sleep_seconds", workflow.Literal(int64(3)), "")
	case "HTTP":
		set("http", workflow.Literal(httpRequest()), "")
		set("status_code", workflow.Literal(int64(200)), "")
		set("response_body", workflow.Literal(""), "")
		set("state_expr", workflow.Literal(httpState), "")
	case "KUBERNETES":
		set("kubernetes", workflow.Literal(container()), "")
	case "NOTEBOOK":
		set("notebook", workflow.Literal(notebook()), "")
	case "LAMBDA":
		set("lambda", workflow.Literal(worker("function")), "")
	case "QUEUE":
		set("queue", workflow.Literal(worker("name")), "")
	}
	return out
}

func setLoop(out *workflow.Params) {
	loop := system(workflow.Literal(&workflow.Params{}), workflow.Required)
	loop.Mode = workflow.MutableOnStart
	out.Set("loop_params", loop)
	out.Set("loop_index", system(workflow.Literal(int64(-1)), workflow.Reserved))
}

// httpState turns the status code of a response into the state of the step.
const httpState = `status_code >= 200 && status_code < 300 ? "DONE" : (status_code >= 400 && status_code < 500 ? "FATAL_ERROR" : "USER_ERROR")`

func httpRequest() *workflow.Params {
	out := &workflow.Params{}
	out.Set("url", system(&workflow.Param{Type: workflow.String}, workflow.Required))
	out.Set("method", system(workflow.Literal("GET"), ""))
	out.Set("headers", system(workflow.Literal(map[string]string{
		"Content-Type": "application/json", "Accept": "application/json"}), ""))
	out.Set("body", system(&workflow.Param{Type: workflow.String}, workflow.Optional))
	return out
}

func container() *workflow.Params {
	out := &workflow.Params{}
	out.Set("app_name", system(workflow.Literal("maestro-job"), ""))
	out.Set("image", system(&workflow.Param{Type: workflow.String}, workflow.Required))
	return out
}

func notebook() *workflow.Params {
	out := &workflow.Params{}
	out.Set("input_path", system(&workflow.Param{Type: workflow.String}, workflow.Required))
	return out
}

// worker describes who does a job that is handed over, by the entry that must name him.
func worker(name string) *workflow.Params {
	out := &workflow.Params{}
	out.Set(name, system(&workflow.Param{Type: workflow.String}, workflow.Required))
	return out
}
