package host

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/segue-workflows/segue/localstack/template"
)

// tableProperties are those of a table. What has no meaning in an emulator is read and left.
type tableProperties struct {
	TableName               string
	AttributeDefinitions    []types.AttributeDefinition
	KeySchema               []types.KeySchemaElement
	BillingMode             types.BillingMode
	StreamSpecification     *struct{ StreamViewType types.StreamViewType }
	TimeToLiveSpecification *types.TimeToLiveSpecification

	DeletionProtectionEnabled, PointInTimeRecoverySpecification, SSESpecification, Tags any
}

// makeTable makes a table, with its stream and its time to live.
func (h *Host) makeTable(ctx context.Context, w wanted) (template.Made, error) {
	var p tableProperties
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	name := h.name(p.TableName, w.id)
	in := &dynamodb.CreateTableInput{
		TableName: &name, AttributeDefinitions: p.AttributeDefinitions, KeySchema: p.KeySchema, BillingMode: p.BillingMode,
	}
	if p.StreamSpecification != nil {
		enabled := true
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: &enabled, StreamViewType: p.StreamSpecification.StreamViewType}
	}
	out, err := h.tables.CreateTable(ctx, in)
	if err != nil {
		return template.Made{}, err
	}
	h.undo = append(h.undo, func(ctx context.Context) error {
		_, err := h.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
		return err
	})
	ready := dynamodb.NewTableExistsWaiter(h.tables, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 50 * time.Millisecond })
	if err := ready.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		return template.Made{}, err
	}
	if p.TimeToLiveSpecification != nil {
		ttl := &dynamodb.UpdateTimeToLiveInput{TableName: &name, TimeToLiveSpecification: p.TimeToLiveSpecification}
		if _, err := h.tables.UpdateTimeToLive(ctx, ttl); err != nil {
			return template.Made{}, err
		}
	}
	made := template.Made{Ref: name, Attributes: map[string]string{"Arn": *out.TableDescription.TableArn}}
	if stream := out.TableDescription.LatestStreamArn; stream != nil {
		made.Attributes["StreamArn"] = *stream
	}
	return made, nil
}
