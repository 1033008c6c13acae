package boot

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Variables that Lambda sets, and those that lead the SDK to an emulator.
const (
	region           = "AWS_REGION"
	accessKey        = "AWS_ACCESS_KEY_ID"
	secretKey        = "AWS_SECRET_ACCESS_KEY"
	sessionToken     = "AWS_SESSION_TOKEN"
	endpoint         = "AWS_ENDPOINT_URL"
	dynamoDBEndpoint = "AWS_ENDPOINT_URL_DYNAMODB"
	sqsEndpoint      = "AWS_ENDPOINT_URL_SQS"
	snsEndpoint      = "AWS_ENDPOINT_URL_SNS"
	timerEndpoint    = "AWS_ENDPOINT_URL_SCHEDULER"
	secretsEndpoint  = "AWS_ENDPOINT_URL_SECRETS_MANAGER"
	lambdaEndpoint   = "AWS_ENDPOINT_URL_LAMBDA"
	ecsEndpoint      = "AWS_ENDPOINT_URL_ECS"
	logsEndpoint     = "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"
)

// variables reads environment variables and remembers which were missing.
type variables struct {
	get     func(string) string
	missing []string
}

// need returns a variable that must be set.
func (v *variables) need(name string) string {
	value := v.get(name)
	if value == "" {
		v.missing = append(v.missing, name)
	}
	return value
}

// check returns an error that names all missing variables at once.
func (v *variables) check() error {
	if len(v.missing) == 0 {
		return nil
	}
	return fmt.Errorf("boot: these environment variables must be set: %s", strings.Join(v.missing, ", "))
}

// config is what the clients of the SDK are made with.
func (v *variables) config() sdk.Config {
	return sdk.Config{
		Region:      v.need(region),
		Credentials: credentials.NewStaticCredentialsProvider(v.need(accessKey), v.need(secretKey), v.get(sessionToken)),
		HTTPClient:  connections(),
	}
}

// A call that hangs must not use up an invocation: the adapters repeat it.
const (
	connectTime = 2 * time.Second
	answerTime  = 4 * time.Second
)

// connections keeps as many open as a batch of ten runs can use at once.
func connections() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = connectTime }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = connectTime, answerTime
			t.MaxIdleConnsPerHost = 64
		})
}

// patient keeps connections for calls whose answer is the work itself: their limit is the caller's.
func patient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = connectTime }).
		WithTransportOptions(func(t *http.Transport) { t.TLSHandshakeTimeout = connectTime })
}

// endpointOf returns the address of an emulator for a service; nil leads to AWS.
func (v *variables) endpointOf(service string) *string {
	for _, name := range []string{service, endpoint} {
		if address := v.get(name); address != "" {
			return &address
		}
	}
	return nil
}

// level returns the log level of that name; info for none and for any other text.
func level(name string) slog.Level {
	var found slog.Level
	if found.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return found
}
