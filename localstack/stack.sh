#!/usr/bin/env bash
# Segue's stack on this machine: DynamoDB Local, LocalStack, and the five functions as processes.
#
#   localstack/stack.sh up     install what is missing, start everything, say where the HTTP API is
#   localstack/stack.sh down   stop everything; the emulators keep nothing
#   localstack/stack.sh logs   follow what the functions have to say
#
# SEGUE_HOST_PORT changes the port of the HTTP API; the scripts of the emulators say how to change theirs.
set -euo pipefail

readonly PORT="${SEGUE_HOST_PORT:-8090}"
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
readonly HOME_DIR="$ROOT/.cache/host"
readonly PROGRAM="$HOME_DIR/localstack-host"
readonly PID_FILE="$HOME_DIR/$PORT.pid"
readonly LOG_FILE="$HOME_DIR/$PORT.log"

fail() {
	echo "stack.sh: $*" >&2
	exit 1
}

# The pid alone could belong to a stranger after a restart of the machine, so the command is compared too.
own_pid() {
	[[ -f "$PID_FILE" ]] || return 1
	local pid
	pid="$(<"$PID_FILE")"
	[[ "$pid" =~ ^[0-9]+$ ]] && ps -p "$pid" -o args= 2>/dev/null | grep -qF "$PROGRAM" && echo "$pid"
}

up() {
	own_pid >/dev/null && fail "it runs already: $(grep '^ready' "$LOG_FILE")"
	local dynamodb localstack
	"$ROOT/localstack/dynamodb.sh" install
	"$ROOT/localstack/localstack.sh" install
	dynamodb="$("$ROOT/localstack/dynamodb.sh" start)"
	localstack="$("$ROOT/localstack/localstack.sh" start)"
	mkdir -p "$HOME_DIR"
	cd "$ROOT"
	go build -o "$PROGRAM" ./localstack
	nohup "$PROGRAM" -dynamodb "$dynamodb" -localstack "$localstack" -listen "127.0.0.1:$PORT" >"$LOG_FILE" 2>&1 </dev/null &
	echo $! >"$PID_FILE"
	for _ in {1..240}; do
		grep -h '^ready' "$LOG_FILE" && return
		own_pid >/dev/null || fail "it ended at once, see $LOG_FILE"
		sleep 0.5
	done
	fail "it was not ready within two minutes, see $LOG_FILE"
}

down() {
	local pid
	if pid="$(own_pid)"; then
		kill "$pid"
		for _ in {1..60}; do
			ps -p "$pid" >/dev/null || break
			sleep 0.25
		done
		kill -KILL "$pid" 2>/dev/null || true
	fi
	rm -f "$PID_FILE"
	"$ROOT/localstack/localstack.sh" stop
	"$ROOT/localstack/dynamodb.sh" stop
}

logs() {
	[[ -f "$LOG_FILE" ]] || fail "there are no logs: run $0 up"
	tail -n 100 -F "$LOG_FILE"
}

case "${1:-}" in
up | down | logs) "$1" ;;
*) fail "usage: $0 up|down|logs" ;;
esac
