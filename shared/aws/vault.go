package aws

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Vault is AWS Secrets Manager as the back end of an agent.
type Vault struct{ Client *secretsmanager.Client }

// Load makes one call of GetSecretValue.
func (v Vault) Load(ctx context.Context, q agent.Query) (*agent.Secret, error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: &q.ID}
	if q.Version != "" {
		in.VersionId = &q.Version
	}
	if q.Stage != "" {
		in.VersionStage = &q.Stage
	}
	out, err := v.Client.GetSecretValue(ctx, in)
	if err != nil {
		return nil, ofVault(q.ID, err)
	}
	secret := &agent.Secret{SecretBinary: out.SecretBinary, VersionStages: out.VersionStages}
	for to, from := range map[*string]*string{&secret.ARN: out.ARN, &secret.Name: out.Name, &secret.VersionID: out.VersionId, &secret.SecretString: out.SecretString} {
		if from != nil {
			*to = *from
		}
	}
	if out.CreatedDate != nil {
		secret.CreatedDate = strconv.FormatFloat(float64(out.CreatedDate.UnixMilli())/1000, 'f', -1, 64)
	}
	return secret, nil
}

// ofVault gives an error of the service its code. Its own text stays away: it names accounts and roles.
func ofVault(id string, err error) error {
	var missing *types.ResourceNotFoundException
	var failure smithy.APIError
	switch {
	case errors.As(err, &missing):
		return workflow.Errorf(workflow.CodeNotFound, "there is no secret %q of that version or stage", id)
	case !errors.As(err, &failure):
		return &workflow.Error{Code: workflow.CodeUnavailable, Text: "Secrets Manager did not answer", Cause: err}
	}
	switch failure.ErrorCode() {
	case "AccessDeniedException", "AccessDenied":
		return workflow.Errorf(workflow.CodeDenied, "the deployment may not read the secret %q", id)
	case "InvalidParameterException", "InvalidRequestException", "ValidationException", "DecryptionFailure":
		return workflow.Errorf(workflow.CodeInvalid, "the secret %q cannot be read: %s", id, failure.ErrorCode())
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Text: "Secrets Manager failed: " + failure.ErrorCode(), Cause: err}
}
