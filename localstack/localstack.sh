#!/usr/bin/env bash
# LocalStack without Docker, account or token: install, start, stop or ask for it.
#
#   localstack/localstack.sh install   fetch the pinned release (needs Python 3.13, Java 17 with javac, node)
#   localstack/localstack.sh start     run it on 127.0.0.1:4566
#   localstack/localstack.sh stop      stop the one that start started
#   localstack/localstack.sh status    print the endpoint when it runs, fail when it does not
#
# SEGUE_LOCALSTACK_PORT changes the port. Everything it writes is below .cache/ of the project.
set -euo pipefail

# The release's own pins: with later ones it does not start.
readonly PACKAGES=(
	"localstack-core[runtime]==4.14.0" "moto-ext[all]==5.1.24" rolo==0.8.1 plux==1.14.0 werkzeug==3.1.6
	hypercorn==0.18.0 localstack-twisted==25.5.0 boto3==1.42.54 botocore==1.42.54 awscrt==0.31.2
	openapi-core==0.22.0 pydantic==2.12.5 cryptography==46.0.5 aws-sam-translator==1.107.0 crontab==1.0.5
	jpype1==1.6.0 kclpy-ext==3.0.5 cbor2==5.9.0 pyopenssl==25.3.0
)
readonly PORT="${SEGUE_LOCALSTACK_PORT:-4566}"
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly HERE
readonly CACHE="$HERE/../.cache"
readonly HOME_DIR="$CACHE/localstack"
readonly FILES="$HOME_DIR/root"
readonly DYNAMODB="$CACHE/dynamodb/node_modules/amplify-dynamodb-simulator/emulator"
readonly PID_FILE="$HOME_DIR/$PORT.pid"
readonly LOG_FILE="$HOME_DIR/$PORT.log"
readonly ENDPOINT="http://127.0.0.1:$PORT"

fail() {
	echo "localstack.sh: $*" >&2
	exit 1
}

find_python() {
	local prefix # asked first: what pyenv puts into the path works only where the version is chosen
	prefix="$(pyenv prefix 3.13.0 2>/dev/null)" && { echo "$prefix/bin/python3.13"; return; }
	command -v python3.13
}

install() {
	local python
	[[ -f "$HOME_DIR/installed" ]] && return
	python="$(find_python)" || fail "Python 3.13 is needed: it is neither in the path nor known to pyenv"
	command -v javac >/dev/null || fail "a Java development kit, 17 or newer, is needed"
	mkdir -p "$HOME_DIR"
	"$HERE/dynamodb.sh" install
	"$python" -m venv "$HOME_DIR/venv"
	"$HOME_DIR/venv/bin/pip" install --quiet --disable-pip-version-check "${PACKAGES[@]}"
	lay_out_dynamodb
	touch "$HOME_DIR/installed"
}

# LocalStack looks for DynamoDB Local, a Java runtime and an agent in these folders before it would fetch them.
lay_out_dynamodb() {
	local lib="$FILES/var/lib/localstack/lib" java
	mkdir -p "$lib/dynamodb-local/2" "$lib/java" "$HOME_DIR/agent"
	cp -r "$DYNAMODB/DynamoDBLocal.jar" "$DYNAMODB/DynamoDBLocal_lib" "$lib/dynamodb-local/2/"
	javac -d "$HOME_DIR/agent" "$HERE/NoopAgent.java"
	echo "Premain-Class: NoopAgent" >"$HOME_DIR/agent/manifest"
	jar cfm "$lib/dynamodb-local/2/ddb-local-loader-0.1.jar" "$HOME_DIR/agent/manifest" -C "$HOME_DIR/agent" NoopAgent.class
	java="$(readlink -f "$(command -v java)")"
	ln -sfn "$(dirname "$(dirname "$java")")" "$lib/java/21"
}

# The pid alone could belong to a stranger after a restart of the machine, so the command is compared too.
own_pid() {
	[[ -f "$PID_FILE" ]] || return 1
	local pid
	pid="$(<"$PID_FILE")"
	[[ "$pid" =~ ^[0-9]+$ ]] && ps -p "$pid" -o args= 2>/dev/null | grep -q localstack.runtime.main && echo "$pid"
}

healthy() { curl --silent --fail --output /dev/null --max-time 2 "$ENDPOINT/_localstack/health"; }

start() {
	own_pid >/dev/null && healthy && { echo "$ENDPOINT"; return; }
	[[ -f "$HOME_DIR/installed" ]] || fail "not installed: run $0 install"
	healthy && fail "port $PORT is in use by another LocalStack: choose another with SEGUE_LOCALSTACK_PORT"
	cd "$HOME_DIR"
	# setsid: it starts processes of its own, which stop ends together with it.
	env -u AWS_CA_BUNDLE -u REQUESTS_CA_BUNDLE OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT="$FILES" \
		GATEWAY_LISTEN="127.0.0.1:$PORT" GATEWAY_SERVER=hypercorn DNS_ADDRESS=0 SKIP_SSL_CERT_DOWNLOAD=1 DISABLE_EVENTS=1 \
		DYNAMODB_IN_MEMORY=1 PROVIDER_OVERRIDE_DYNAMODB=v2 PROVIDER_OVERRIDE_DYNAMODBSTREAMS=v2 \
		SERVICES=dynamodb,dynamodbstreams,sqs,sns,secretsmanager,events,scheduler,lambda,iam,sts,cloudformation,ssm,s3,logs \
		XDG_CACHE_HOME="$HOME_DIR/xdg" setsid "$HOME_DIR/venv/bin/python" -m localstack.runtime.main >"$LOG_FILE" 2>&1 </dev/null &
	echo $! >"$PID_FILE"
	for _ in {1..240}; do
		healthy && { echo "$ENDPOINT"; return; }
		ps -p "$(<"$PID_FILE")" >/dev/null || fail "it ended at once, see $LOG_FILE"
		sleep 0.25
	done
	fail "it did not answer within 60 seconds, see $LOG_FILE"
}

# It may ignore a polite signal for longer than anyone waits.
stop() {
	local pid
	pid="$(own_pid)" || { rm -f "$PID_FILE"; return 0; }
	kill -TERM -- "-$pid"
	for _ in {1..20}; do
		ps -p "$pid" >/dev/null || break
		sleep 0.25
	done
	kill -KILL -- "-$pid" 2>/dev/null || true
	rm -f "$PID_FILE"
}

status() {
	own_pid >/dev/null && healthy || fail "it does not run"
	echo "$ENDPOINT"
}

case "${1:-}" in
install | start | stop | status) "$1" ;;
*) fail "usage: $0 install|start|stop|status" ;;
esac
