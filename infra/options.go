package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"github.com/segue-workflows/segue/shared/wire"
)

// options are the choices of a deployment: cdk deploy -c NAME=VALUE.
type options struct {
	stage         string // name of the deployment; part of the stack's name
	observability string // see wire
	protect       bool   // keep the table when the stack goes; on where the stage is prod
	logs          awslogs.RetentionDays
	retention     int    // days for which runs are kept after their deadline
	tracing       bool   // X-Ray traces invocations, and charges for each
	alarmEmail    string // who gets the alarms; "": nobody by mail
	jwtIssuer     string // "": callers sign their requests (IAM)
	jwtAudience   string
	callerClaim   string              // of the token: who calls
	secrets       map[string][]string // which secrets a caller may refer to; see shared/wire
	limits        map[string]string   // of the engine, as variables of the functions
	reach         reach               // what steps may call
	containers    containers          // where the containers of steps run
	events        eventChoice         // how events go out
	account       int                 // concurrency of the account, to be kept; 0: enough
	programs      string              // folder with the functions' programs
}

var stageName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)

// logDays are the periods that CloudWatch knows, as far as they make sense here.
var logDays = map[int]awslogs.RetentionDays{
	1: awslogs.RetentionDays_ONE_DAY, 3: awslogs.RetentionDays_THREE_DAYS, 7: awslogs.RetentionDays_ONE_WEEK,
	14: awslogs.RetentionDays_TWO_WEEKS, 30: awslogs.RetentionDays_ONE_MONTH, 90: awslogs.RetentionDays_THREE_MONTHS,
	365: awslogs.RetentionDays_ONE_YEAR,
}

// optionsOf reads all choices from the context, and refuses what is not a choice before anything is made of it.
func optionsOf(context func(name string) any) (options, error) {
	text := func(name, preset string) string {
		if value := context(name); value != nil {
			return fmt.Sprint(value)
		}
		return preset
	}
	o := options{
		stage:         text("stage", "dev"),
		observability: text("observability", wire.ObserveAlarms),
		alarmEmail:    text("alarmEmail", ""),
		jwtIssuer:     text("jwtIssuer", ""),
		jwtAudience:   text("jwtAudience", ""),
		callerClaim:   text("callerClaim", ""),
		programs:      text("programs", "dist"),
	}
	if !stageName.MatchString(o.stage) {
		return o, fmt.Errorf("stage %q: up to 20 lower-case letters, digits and dashes, a letter first", o.stage)
	}
	switch o.observability {
	case wire.ObserveNone, wire.ObserveAlarms, wire.ObserveFull:
	default:
		return o, fmt.Errorf("observability %q: none, alarms or full", o.observability)
	}
	protect := text("deletionProtection", strconv.FormatBool(o.stage == "prod"))
	var err error
	if o.protect, err = strconv.ParseBool(protect); err != nil {
		return o, fmt.Errorf("deletionProtection %q: true or false", protect)
	}
	days := text("logDays", "30")
	n, _ := strconv.Atoi(days)
	var known bool
	if o.logs, known = logDays[n]; !known {
		return o, fmt.Errorf("logDays %q: 1, 3, 7, 14, 30, 90 or 365", days)
	}
	kept := text("retentionDays", "90")
	if o.retention, err = strconv.Atoi(kept); err != nil || o.retention < 1 || o.retention > 3650 {
		return o, fmt.Errorf("retentionDays %q: 1 to 3650", kept)
	}
	account := text("accountConcurrency", "0")
	if o.account, err = strconv.Atoi(account); err != nil || o.account != 0 && o.account < leastAccount {
		return o, fmt.Errorf("accountConcurrency %q: how many functions of the account may run at once, from %d", account, leastAccount)
	}
	if o.limits, err = limitsOf(text); err != nil {
		return o, err
	}
	tracing := text("tracing", "false")
	if o.tracing, err = strconv.ParseBool(tracing); err != nil {
		return o, fmt.Errorf("tracing %q: true or false", tracing)
	}
	if list := text("secrets", ""); list != "" {
		if err := json.Unmarshal([]byte(list), &o.secrets); err != nil {
			return o, fmt.Errorf(`secrets: an object such as {"caller": ["name", "beginning/*"]}`)
		}
	}
	if o.reach, err = reachOf(text); err != nil {
		return o, err
	}
	if o.containers, err = containersOf(text("containers", "")); err != nil {
		return o, err
	}
	if o.events, err = eventsOf(text); err != nil {
		return o, err
	}
	token := o.jwtIssuer != ""
	if token != (o.jwtAudience != "") || token != (o.callerClaim != "") {
		return o, fmt.Errorf("jwtIssuer, jwtAudience and callerClaim belong together: give all or none")
	}
	return o, nil
}
