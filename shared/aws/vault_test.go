package aws_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestTheVaultAnswersInOurCodes(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		code   workflow.Code
	}{
		{200, `{"ARN":"arn","Name":"a","VersionId":"v","SecretString":"s3cret","VersionStages":["AWSCURRENT"],"CreatedDate":1569534789.046}`, ""},
		{400, `{"__type":"ResourceNotFoundException","Message":"no"}`, workflow.CodeNotFound},
		{400, `{"__type":"AccessDeniedException","Message":"role x"}`, workflow.CodeDenied},
		{400, `{"__type":"InvalidRequestException","Message":"deleted"}`, workflow.CodeInvalid},
		{400, `{"__type":"ThrottlingException","Message":"slow"}`, workflow.CodeUnavailable},
		{500, `{"__type":"InternalServiceError"}`, workflow.CodeUnavailable},
		{502, `nothing`, workflow.CodeUnavailable},
	} {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
				t.Errorf("the call is %s", r.Header.Get("X-Amz-Target"))
			}
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		client := secretsmanager.New(secretsmanager.Options{BaseEndpoint: &service.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
			Credentials: sdk.NewCredentialsCache(credentials.NewStaticCredentialsProvider("k", "s", ""))})
		found, err := aws.Vault{Client: client}.Load(t.Context(), agent.Query{ID: "a"})
		service.Close()
		if workflow.CodeOf(err) != c.code || err == nil && (found.SecretString != "s3cret" || found.CreatedDate != "1569534789.046") {
			t.Errorf("%s: %v %v", c.body, found, err)
		}
		if err != nil && !errors.Is(err, &workflow.Error{Code: c.code}) {
			t.Errorf("%v", err)
		}
	}
}
