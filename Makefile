.DEFAULT_GOAL := help
.PHONY: help build run test race kill-test sim bench check clean

FUNCTIONS := api trigger evaluate dispatch rollup
SEED ?=
SEEDS ?= 2000

help: ## show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-11s %s\n", $$1, $$2}'

build: dist/segue $(FUNCTIONS:%=dist/%) ## build the program and the functions into dist/

.PHONY: dist/segue $(FUNCTIONS:%=dist/%)
dist/segue:
	@CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $@ ./cmd/segue

$(FUNCTIONS:%=dist/%): dist/%:
	@CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -tags lambda.norpc -ldflags '-s -w' -o $@/bootstrap ./functions/$*

.PHONY: dist/agent
dist/agent: # a layer: Lambda finds extensions in its folder of that name
	@CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -ldflags '-s -w' -o $@/extensions/segue-agent ./cmd/segue-agent

run: dist/segue ## start a local server, run examples/hello.json, keep serving
	@dist/segue dev --demo examples/hello.json

test: ## run all tests; what needs more than Go and git says that it is skipped
	go vet ./...
	go test ./...
	@test -n "$$SEGUE_DYNAMODB" -a -n "$$SEGUE_SQS" || echo 'skipped: the contract on DynamoDB Local and LocalStack, and test/localstack; .ci/run installs the emulators and runs both'

race: ## run all tests under the race detector, in random order
	go test -race -shuffle=on ./...

kill-test: ## kill a working server again and again; nothing may be lost or doubled
	go test -count=1 -run Kill ./test/e2e ./test/contract

sim: ## simulate SEEDS seeds with faults, or replay SEED=n
	SIM_SEED=$(SEED) SIM_SEEDS=$(SEEDS) go test -count=1 ./test/sim

bench: ## measure loads here, what large loops cost beside small ones, and model latencies on AWS, as bench-aws does
	go test -run '^$$' -bench . ./test/bench
	go test -run '^$$' -bench . -benchtime 1x ./test/cost
	go run ./test/latency

check: ## vet, formatting and the house's rules
	@test -z "$$(gofmt -l cmd functions shared test)" || { gofmt -l cmd functions shared test; exit 1; }
	go vet ./...
	go test ./test/arch

clean: ## remove what was built
	rm -rf dist cdk.out

# The stack. CDK's command line prepares archives and shows differences; the tests need Go and node alone.
CDK := infra/node_modules/.bin/cdk
STAGE ?= dev
.PHONY: build-functions synth diff deploy destroy test-infra snapshot
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION ?= $(shell node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')

build-functions: $(FUNCTIONS:%=dist/%) dist/agent ## build the functions for arm64 into dist/

$(CDK): infra/package-lock.json
	npm ci --prefix infra --ignore-scripts --no-audit --no-fund
	@touch $@

synth: build-functions $(CDK) ## make the template of the stack in cdk.out/; works offline
	$(CDK) synth --quiet --strict --no-notices --no-lookups
	@for f in $(FUNCTIONS); do size=$$(gzip -c dist/$$f/bootstrap | wc -c); \
		test $$size -lt 12000000 || { echo "the archive of $$f has $$size bytes; 12,000,000 are the limit"; exit 1; }; done

diff: build-functions $(CDK) ## show how the stack differs from the committed template; works offline
	$(CDK) diff --no-notices --path-metadata false --asset-metadata false --template infra/testdata/Segue.template.json

# Where segue --stage looks for the outputs of a stack.
OUTPUTS = $(or $(XDG_CONFIG_HOME),$(HOME)/.config)/segue/$(STAGE).json

deploy: build-functions $(CDK) ## deploy to the AWS account of your credentials: STAGE=dev
	@mkdir -p $(dir $(OUTPUTS))
	$(CDK) deploy --no-notices -c stage=$(STAGE) --outputs-file $(OUTPUTS)

destroy: build-functions $(CDK) ## remove the deployment of STAGE; a protected table stays
	$(CDK) destroy --no-notices -c stage=$(STAGE)

test-infra: ## test the stack
	@test -z "$$(gofmt -l infra/*.go)" || { gofmt -l infra/*.go; exit 1; }
	go -C infra vet ./...
	go -C infra test ./...

snapshot: ## commit to the stack as it is: rewrite infra/testdata
	go -C infra test . -update

# The stack without AWS: emulators, and the functions as processes.
.PHONY: localstack-up localstack-down localstack-logs test-localstack
localstack-up: ## install and start the emulators and the stack on them; says where the API is
	@localstack/stack.sh up

localstack-down: ## stop the stack and the emulators
	@localstack/stack.sh down

localstack-logs: ## follow the logs of the functions
	@localstack/stack.sh logs

test-localstack: ## prove the stack on LocalStack: contracts, stories, kills, outages; takes minutes
	SEGUE_TEST_LOCALSTACK=1 go test -count=1 -v -timeout 15m ./test/localstack

.PHONY: test-deploy
test-deploy: build-functions $(CDK) ## deploy the whole stack with CDK's command line onto an emulator, and run workflows on it
	SEGUE_TEST_DEPLOY=1 go test -count=1 -v -timeout 10m ./test/deploy

.PHONY: cost
cost: ## price shapes of load and an idle month; fails when a shape is above its bar
	go run ./test/cost

.PHONY: bench-aws
bench-aws: ## model latencies on AWS: launch, chain of 250, next queued run
	go run ./test/latency
