package job

import (
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/segue-workflows/segue/shared/workflow"
)

// begun reads the failure of a RunTask. A token that is in use names the task that runs under it: the request that
// began it said something else of the number of failed deliveries, or of a secret that has changed since.
func begun(err error) (string, error) {
	var conflict *types.ConflictException
	if errors.As(err, &conflict) && len(conflict.ResourceIds) > 0 {
		return conflict.ResourceIds[0], nil
	}
	return "", ofECS(err)
}

// refusal returns the name that a service gives a failure, and the status of its answer; answered is false when there
// was none.
func refusal(err error) (name string, status int, answered bool) {
	var failure smithy.APIError
	if !errors.As(err, &failure) {
		return "", 0, false
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	return failure.ErrorCode(), status, true
}

// ofECS gives a failure of ECS or of CloudWatch Logs its code. Its own text stays away: it names accounts and roles.
func ofECS(err error) error {
	name, status, answered := refusal(err)
	switch {
	case !answered:
		return &workflow.Error{Code: workflow.CodeUnavailable, Text: "ECS did not answer", Cause: err}
	case throttled(name), status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return &workflow.Error{Code: workflow.CodeUnavailable, Text: "ECS failed: " + name, Cause: err}
	case name == "AccessDeniedException", name == "BlockedException", name == "UnrecognizedClientException":
		return workflow.Errorf(workflow.CodeDenied, "the role of the deployment may not do this with the task that the step needs: %s", name)
	case name == "ClientException", name == "LimitExceededException":
		// Of a definition that is gone, or a quota of tasks that are on their way: another time may go better.
		return workflow.Errorf(workflow.CodeInternal, "ECS refused the task: %s", name)
	}
	return workflow.Errorf(workflow.CodeInvalid, "ECS cannot run the task: %s", name)
}

// throttled tells the names under which services say "later".
func throttled(name string) bool {
	return strings.Contains(name, "Throttl") || name == "TooManyRequestsException" || name == "RequestLimitExceeded" ||
		name == "ServerException" || name == "ServiceUnavailableException"
}
