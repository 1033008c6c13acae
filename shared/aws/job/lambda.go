package job

import (
	"context"
	"net/http"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/segue-workflows/segue/shared/runtime/handover"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Functions calls functions of Lambda.
type Functions struct {
	Client  *lambda.Client
	Allowed []string // names and ARNs, with an alias or a version where steps are to name one
}

// Once are the options of a client whose calls the SDK must not repeat: the answer to the first may be on its way.
func Once(o *lambda.Options) { o.RetryMaxAttempts = 1 }

// allows tells whether a function may be called: it must be listed as the step names it.
func (f Functions) allows(name string) bool {
	return name != "" && slices.Contains(f.Allowed, name)
}

// Invoke calls the function once.
func (f Functions) Invoke(ctx context.Context, i handover.Invocation) (handover.Answer, error) {
	if !f.allows(i.Function) {
		return handover.Answer{}, workflow.Errorf(workflow.CodeDenied, "this deployment does not let steps call the function that the step names: whoever deploys adds it to the choice %q", "functions")
	}
	kind := types.InvocationTypeEvent
	if i.Wait {
		kind = types.InvocationTypeRequestResponse
	}
	out, err := f.Client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &i.Function, InvocationType: kind, Payload: i.Task}, Once)
	if err != nil {
		return handover.Answer{}, ofLambda(ctx, i, err)
	}
	answer := handover.Answer{Fault: sdk.ToString(out.FunctionError), Payload: out.Payload}
	answer.ID = requestID(out.ResultMetadata)
	return answer, nil
}

// ofLambda gives a failure its code. The service's own text stays away: it names accounts and roles.
func ofLambda(ctx context.Context, i handover.Invocation, err error) error {
	name, status, answered := refusal(err)
	if !answered {
		if i.Wait && ctx.Err() != nil {
			return workflow.Errorf(workflow.CodeTimeout,
				"the function did not answer within %v: longer work is called with callback, and reports by its token", handover.AnswerTime)
		}
		return &workflow.Error{Code: workflow.CodeUnavailable, Text: "Lambda did not answer", Cause: err}
	}
	switch {
	case name == "ResourceNotFoundException":
		return workflow.Errorf(workflow.CodeNotFound, "there is no function of the name that the step gives")
	case name == "AccessDeniedException":
		return workflow.Errorf(workflow.CodeDenied, "the role of the deployment may not call the function that the step names")
	case name == "ResourceConflictException", name == "ResourceNotReadyException", status == http.StatusTooManyRequests, status >= 500 && !broken[name]:
		return &workflow.Error{Code: workflow.CodeUnavailable, Text: "Lambda failed: " + name, Cause: err}
	}
	return workflow.Errorf(workflow.CodeInvalid, "Lambda cannot call the function: %s", name)
}

// broken are failures of status 5xx that come of how the function is made: calling it again changes nothing.
var broken = map[string]bool{"InvalidRuntimeException": true, "InvalidZipFileException": true, "InvalidSecurityGroupIDException": true,
	"InvalidSubnetIDException": true, "KMSAccessDeniedException": true, "KMSDisabledException": true, "KMSInvalidStateException": true,
	"KMSNotFoundException": true}
