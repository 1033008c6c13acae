package entry

import (
	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/workflow"
)

// userHeader is where the REST API looks for the caller.
const userHeader = "User"

// Caller tells who calls, as API Gateway has checked it; "" when it does not say.
type Caller func(events.APIGatewayV2HTTPRequestContext) string

// CallerOf returns how callers are known: by a claim of their token, or, without one, by IAM.
func CallerOf(claim string) Caller {
	if claim == "" {
		return iamCaller
	}
	return func(c events.APIGatewayV2HTTPRequestContext) string {
		if c.Authorizer == nil || c.Authorizer.JWT == nil {
			return ""
		}
		return c.Authorizer.JWT.Claims[claim]
	}
}

// iamCaller is the whole ARN: the last part of one, the session name of a role, is chosen by the caller.
func iamCaller(c events.APIGatewayV2HTTPRequestContext) string {
	if c.Authorizer == nil || c.Authorizer.IAM == nil {
		return ""
	}
	return c.Authorizer.IAM.UserARN
}

// check returns CodeDenied for a caller that nobody vouches for, and for a header that names somebody else.
func check(caller, claimed string) error {
	switch {
	case caller == "":
		return workflow.Errorf(workflow.CodeDenied, "the request carries no identity that was checked")
	case claimed != "" && claimed != caller:
		return workflow.Errorf(workflow.CodeDenied, "the user header may only name the caller, %s", caller)
	}
	return nil
}
