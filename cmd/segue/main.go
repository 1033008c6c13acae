package main

import (
	"os"

	"github.com/segue-workflows/segue/cmd/segue/cli"
)

func main() { os.Exit(cli.Main()) }
