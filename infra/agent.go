package main

import (
	"path/filepath"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/segue-workflows/segue/shared/wire"
)

// attachAgent runs the agent of secrets beside a function: an extension in a layer. It works with the function's role.
func (s *segue) attachAgent(f awslambda.Function) {
	layer := awslambda.NewLayerVersion(s.stack, text("AgentLayer"), &awslambda.LayerVersionProps{
		Description:             text("Segue: the agent of secrets"),
		Code:                    awslambda.Code_FromAsset(text(filepath.Join(s.options.programs, wire.AgentLayer)), nil),
		CompatibleArchitectures: &[]awslambda.Architecture{awslambda.Architecture_ARM_64()},
		CompatibleRuntimes:      &[]awslambda.Runtime{awslambda.Runtime_PROVIDED_AL2023()},
		RemovalPolicy:           cdk.RemovalPolicy_DESTROY,
	})
	// A local host reads which program to build.
	layer.Node().DefaultChild().(awslambda.CfnLayerVersion).AddMetadata(text("go"), "cmd/"+wire.AgentProgram)
	f.AddLayers(layer)
	f.AddEnvironment(text(wire.Agent), text(wire.AgentAddress), nil)
	f.AddEnvironment(text(wire.AgentToken), text(wire.AgentFile), nil)
}
