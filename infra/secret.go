package main

import (
	"encoding/json"
	"slices"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/segue-workflows/segue/shared/wire"
)

// grantSecrets lets dispatch read the secrets that some caller is allowed, and no other. AWS adds a dash and six
// characters to the name of a secret in its ARN.
func (s *segue) grantSecrets() {
	if len(s.options.secrets) == 0 {
		return
	}
	var names []string
	for _, patterns := range s.options.secrets {
		for _, pattern := range patterns {
			resource := pattern + "-??????"
			switch {
			case strings.HasSuffix(pattern, "*"):
				resource = pattern
			case strings.HasPrefix(pattern, "arn:"):
				resource = pattern + "*"
			}
			if !strings.HasPrefix(resource, "arn:") {
				resource = *s.stack.FormatArn(&cdk.ArnComponents{Service: text("secretsmanager"), Resource: text("secret"),
					ResourceName: text(resource), ArnFormat: cdk.ArnFormat_COLON_RESOURCE_NAME})
			}
			names = append(names, resource)
		}
	}
	slices.Sort(names)
	dispatch := s.functions[wire.Dispatch]
	dispatch.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: texts("secretsmanager:GetSecretValue"), Resources: texts(slices.Compact(names)...),
	}))
	list, err := json.Marshal(s.options.secrets)
	if err != nil {
		panic("infra: " + err.Error()) // it came from JSON
	}
	dispatch.AddEnvironment(text(wire.Secrets), text(string(list)), nil)
	s.attachAgent(dispatch)
}
