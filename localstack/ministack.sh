#!/usr/bin/env bash
# ministack, an emulator that takes a whole CDK deployment, without Docker: install, start, stop or ask for it.
#
#   localstack/ministack.sh install   fetch the pinned release (needs Python 3.10 or newer)
#   localstack/ministack.sh start     run it on 127.0.0.1:4568, in memory
#   localstack/ministack.sh stop      stop the one that start started
#   localstack/ministack.sh status    print the endpoint when it runs, fail when it does not
#
# SEGUE_MINISTACK_PORT changes the port. Everything it writes is below .cache/ of the project.
set -euo pipefail

readonly PACKAGE=ministack==1.5.33
readonly PORT="${SEGUE_MINISTACK_PORT:-4568}"
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
readonly HOME_DIR="$ROOT/.cache/ministack"
readonly PID_FILE="$HOME_DIR/$PORT.pid"
readonly LOG_FILE="$HOME_DIR/$PORT.log"
readonly ENDPOINT="http://127.0.0.1:$PORT"

fail() {
	echo "ministack.sh: $*" >&2
	exit 1
}

install() {
	[[ -f "$HOME_DIR/installed" ]] && return
	command -v python3 >/dev/null || fail "Python 3.10 or newer is needed"
	mkdir -p "$HOME_DIR"
	python3 -m venv "$HOME_DIR/venv"
	"$HOME_DIR/venv/bin/pip" install --quiet --disable-pip-version-check "$PACKAGE"
	touch "$HOME_DIR/installed"
}

# The pid alone could belong to a stranger after a restart of the machine, so the command is compared too.
own_pid() {
	[[ -f "$PID_FILE" ]] || return 1
	local pid
	pid="$(<"$PID_FILE")"
	[[ "$pid" =~ ^[0-9]+$ ]] && ps -p "$pid" -o args= 2>/dev/null | grep -q 'm ministack' && echo "$pid"
}

healthy() { curl --silent --fail --output /dev/null --max-time 2 "$ENDPOINT/_ministack/health"; }

start() {
	own_pid >/dev/null && healthy && { echo "$ENDPOINT"; return; }
	[[ -f "$HOME_DIR/installed" ]] || fail "not installed: run $0 install"
	healthy && fail "port $PORT is in use by another ministack: choose another with SEGUE_MINISTACK_PORT"
	cd "$HOME_DIR"
	# The functions get its address from its own environment. setsid: they are processes that stop ends together with it.
	env -u AWS_CA_BUNDLE -u REQUESTS_CA_BUNDLE GATEWAY_PORT="$PORT" BIND_HOST=127.0.0.1 AWS_ENDPOINT_URL="$ENDPOINT" LOG_LEVEL=WARNING \
		setsid "$HOME_DIR/venv/bin/python" -m ministack >"$LOG_FILE" 2>&1 </dev/null &
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
