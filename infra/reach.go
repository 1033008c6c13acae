package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/segue-workflows/segue/shared/wire"
)

// reach is what steps may call beyond the deployment. The zero value is nothing.
type reach struct {
	http      string   // see shared/wire
	functions []string // names, or ARNs
	queues    []string // names, or ARNs
}

// Names and ARNs of what may be called. None has room for a wildcard.
var (
	functionName = regexp.MustCompile(`^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:)?[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$`)
	queueName    = regexp.MustCompile(`^(arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:)?[A-Za-z0-9_-]{1,80}$`)
)

// reachOf reads the choices.
func reachOf(text func(name, preset string) string) (reach, error) {
	r := reach{http: text("httpAllow", "")}
	var err error
	if r.functions, err = listOfNames("functions", text("functions", ""), functionName); err != nil {
		return r, err
	}
	if r.queues, err = listOfNames("workerQueues", text("workerQueues", ""), queueName); err != nil {
		return r, err
	}
	for i, queue := range r.queues {
		if slices.ContainsFunc(r.queues[:i], func(other string) bool { return shortName(other) == shortName(queue) }) {
			return r, fmt.Errorf("workerQueues %q: another one has the same name", queue)
		}
	}
	return r, nil
}

func listOfNames(choice, text string, form *regexp.Regexp) (list []string, err error) {
	for _, item := range strings.Split(text, ",") {
		item = strings.TrimSpace(item)
		switch {
		case item == "":
		case !form.MatchString(item):
			return nil, fmt.Errorf("%s %q: names or ARNs, separated by commas, without wildcards", choice, item)
		default:
			list = append(list, item)
		}
	}
	return list, nil
}

// shortName returns the name in a name or an ARN.
func shortName(name string) string { return name[strings.LastIndex(name, ":")+1:] }

// grantReach lets dispatch, which alone runs steps, reach what was chosen.
func (s *segue) grantReach() {
	r := s.options.reach
	dispatch := s.functions[wire.Dispatch]
	set := func(name, value string) {
		if value != "" {
			dispatch.AddEnvironment(text(name), text(value), nil)
		}
	}
	grant := func(action string, resources []string) {
		if len(resources) > 0 {
			dispatch.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: texts(action), Resources: texts(resources...)}))
		}
	}
	set(wire.HTTPAllow, r.http)
	set(wire.LambdaAllow, strings.Join(r.functions, ","))
	var functions, queues []string
	for _, name := range r.functions {
		functions = append(functions, s.arn("lambda", "function", name))
	}
	grant("lambda:InvokeFunction", functions)
	addresses := map[string]string{}
	for _, name := range r.queues {
		arn := s.arn("sqs", "", name)
		queues = append(queues, arn)
		region := *cdk.Fn_Select(number(3), cdk.Fn_Split(text(":"), text(arn), nil))
		account := *cdk.Fn_Select(number(4), cdk.Fn_Split(text(":"), text(arn), nil))
		addresses[shortName(name)] = "https://sqs." + region + "." + *s.stack.UrlSuffix() + "/" + account + "/" + shortName(name)
	}
	grant("sqs:SendMessage", queues)
	if len(addresses) > 0 {
		list, err := json.Marshal(addresses)
		if err != nil {
			panic("infra: " + err.Error()) // it is made of texts
		}
		set(wire.WorkerQueues, string(list))
	}
}

// arn returns the ARN of something of this account, unless it is one already.
func (s *segue) arn(service, kind, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	c := &cdk.ArnComponents{Service: text(service), Resource: text(name), ArnFormat: cdk.ArnFormat_NO_RESOURCE_NAME}
	if kind != "" {
		c = &cdk.ArnComponents{Service: text(service), Resource: text(kind), ResourceName: text(name), ArnFormat: cdk.ArnFormat_COLON_RESOURCE_NAME}
	}
	return *s.stack.FormatArn(c)
}
