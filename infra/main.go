package main

import (
	"fmt"
	"os"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	code := 0
	func() {
		defer jsii.Close() // also removes what jsii unpacked
		app := cdk.NewApp(nil)
		options, err := optionsOf(func(name string) any { return app.Node().TryGetContext(&name) })
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
			return
		}
		newSegue(app, options)
		app.Synth(nil)
	}()
	os.Exit(code)
}
