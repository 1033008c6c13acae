package history_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/store"
)

// TestStrategiesOnDynamoDB does the same on a real table, with many more starts.
func TestStrategiesOnDynamoDB(t *testing.T) {
	endpoint := emulator(t)
	each(t, scale(t), func(t *testing.T) store.Store { return table(t, endpoint) })
}

// emulator returns the endpoint that the environment names, or of the emulator that the script says is running.
func emulator(t *testing.T) string {
	t.Helper()
	const variable, script = "SEGUE_DYNAMODB", "../../localstack/dynamodb.sh"
	if endpoint := os.Getenv(variable); endpoint != "" {
		return endpoint
	}
	if out, err := exec.Command(script, "status").Output(); err == nil {
		return strings.TrimSpace(string(out))
	}
	const advice = "%s names no endpoint and %s runs none: the run strategies are not tested on a real table here"
	if os.Getenv("SEGUE_REQUIRE_EMULATORS") == "1" {
		t.Fatalf(advice, variable, script)
	}
	t.Skipf(advice, variable, script)
	return ""
}

func table(t *testing.T, endpoint string) store.Store {
	t.Helper()
	name := fmt.Sprintf("history%016x", rand.Uint64())
	client := dynamodb.New(dynamodb.Options{Region: "eu-central-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(name, "local", "")}) // which names a database of its own
	if err := aws.CreateTable(context.Background(), client, name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Error(err)
		}
	})
	return aws.NewStore(client, name, rand.Uint64)
}
