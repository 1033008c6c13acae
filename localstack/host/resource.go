package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/segue-workflows/segue/localstack/template"
)

// wanted is a resource that is to be made, its properties resolved.
type wanted struct {
	id         string
	kind       string
	metadata   map[string]any
	properties map[string]any
}

// read decodes the properties. One that the target does not know is an error: it may be what the stack relies on.
func (w wanted) read(into any) error {
	data, err := json.Marshal(w.properties)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// maker makes a resource of one type.
type maker func(h *Host, ctx context.Context, w wanted) (template.Made, error)

var makers = map[string]maker{
	"AWS::DynamoDB::Table":               (*Host).makeTable,
	"AWS::SQS::Queue":                    (*Host).makeQueue,
	"AWS::SNS::Topic":                    (*Host).makeTopic,
	"AWS::SNS::Subscription":             (*Host).makeSubscription,
	"AWS::Lambda::Function":              (*Host).makeFunction,
	"AWS::Lambda::LayerVersion":          (*Host).makeLayer,
	"AWS::Lambda::EventSourceMapping":    (*Host).makeMapping,
	"AWS::Scheduler::Schedule":           (*Host).makeSchedule,
	"AWS::ApiGatewayV2::Api":             (*Host).makeAPI,
	"AWS::ApiGatewayV2::Stage":           (*Host).makeStage,
	"AWS::ApiGatewayV2::Integration":     (*Host).makeIntegration,
	"AWS::ApiGatewayV2::Route":           (*Host).makeRoute,
	"AWS::Scheduler::ScheduleGroup":      (*Host).makeScheduleGroup,
	"AWS::IAM::Role":                     named,
	"AWS::IAM::Policy":                   named,
	"AWS::IAM::ManagedPolicy":            named,
	"AWS::Lambda::Permission":            named,
	"AWS::SQS::QueuePolicy":              named,
	"AWS::SNS::TopicPolicy":              named,
	"AWS::Logs::LogGroup":                named,
	"AWS::Logs::MetricFilter":            named,
	"AWS::CloudWatch::Alarm":             named,
	"AWS::CloudWatch::Dashboard":         named,
	"AWS::Events::Rule":                  named,
	"AWS::ResourceGroups::Group":         named,
	"AWS::CloudFormation::WaitCondition": named,
}

// named makes nothing: who may do what, and who watches, does not change what the stack does here. Rules tell of the ends
// of containers, and there are none here.
func named(_ *Host, _ context.Context, w wanted) (template.Made, error) {
	return template.Made{Ref: w.id, Attributes: map[string]string{"Arn": arn("stand-in", w.id)}}, nil
}

// arn is the name of something in the one account and region that there is.
func arn(service, name string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, region, account, name)
}

// makeAll makes all resources, each after those that it refers to.
func (h *Host) makeAll(ctx context.Context) error {
	order, err := h.template.Order()
	if err != nil {
		return err
	}
	for _, id := range order {
		if err := h.makeOne(ctx, id); err != nil {
			return err
		}
	}
	if err := h.build(ctx); err != nil {
		return err
	}
	h.outputs, err = h.scope.Outputs()
	return err
}

func (h *Host) makeOne(ctx context.Context, id string) error {
	resource := h.template.Resources[id]
	if is, err := h.scope.Wanted(resource.Condition); err != nil || !is {
		return err
	}
	create, ok := makers[resource.Type]
	if !ok {
		return fmt.Errorf("host: %s is a %s, which cannot be made here", id, resource.Type)
	}
	properties, err := h.scope.Properties(id)
	if err != nil {
		return err
	}
	made, err := create(h, ctx, wanted{id, resource.Type, resource.Metadata, properties})
	if err != nil {
		return fmt.Errorf("host: %s, a %s: %w", id, resource.Type, err)
	}
	h.scope.Add(id, made)
	return nil
}

// name is what a resource is called: as the template says, or by its id. The prefix keeps stacks apart.
func (h *Host) name(given, id string) string {
	if given == "" {
		given = id
	}
	return h.options.Prefix + "-" + given
}
