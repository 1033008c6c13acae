package main

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"github.com/segue-workflows/segue/shared/wire"
)

// makeTable makes the one table. Its stream is the outbox of events: each record is a landed write.
func (s *segue) makeTable() {
	removal := cdk.RemovalPolicy_DESTROY
	if s.options.protect {
		removal = cdk.RemovalPolicy_RETAIN
	}
	s.table = awsdynamodb.NewTable(s.stack, text("Table"), &awsdynamodb.TableProps{
		PartitionKey:        &awsdynamodb.Attribute{Name: text(wire.AttributePart), Type: awsdynamodb.AttributeType_STRING},
		SortKey:             &awsdynamodb.Attribute{Name: text(wire.AttributeSort), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:          awsdynamodb.TableEncryption_DEFAULT,
		TimeToLiveAttribute: text(wire.AttributeExpire),
		Stream:              awsdynamodb.StreamViewType_NEW_IMAGE,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		DeletionProtection: jsii.Bool(s.options.protect),
		RemovalPolicy:      removal,
	})
}
