#!/usr/bin/env bash
# The dashboard's page in a real browser: drop, failure, retry, pause, restart, token, dark, narrow, keyboard, 100,000 photos, axe-core. Chromium and npm,
# which brings axe-core, are installed where they are not and may be (apt-get, by root or with sudo that asks nothing). What can't be had is left out, and
# named; with CI set, what could be had and did not come is a failure.
# Usage: bench/dashboard.sh [-run PATTERN]; bench/dashboard.sh shots FOLDER takes the pictures of the README and docs/.
set -euo pipefail
[ "${1:-}" != shots ] || export SHOTS=$(realpath "${2:-docs}")
cd "$(dirname "$0")/browser"
missed() { # missed WHAT: it could have been had
	echo "$1"
	[ -z "${CI:-}" ] || exit 1
}
install() { # install PACKAGE
	local as=() said
	[ "$(id -u)" = 0 ] || as=(sudo -n)
	command -v apt-get >/dev/null && "${as[@]}" true 2>/dev/null || return 0
	echo "installing $1"
	said=$("${as[@]}" apt-get -q update 2>&1 &&
		"${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "$1" 2>&1) || missed "$1 could not be installed: $(tail -n 3 <<<"$said")"
}
browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
browser >/dev/null || install chromium
browser >/dev/null || { echo "NOT RUN: there is no Chromium here, nor a way to install it (apt-get install chromium)"; exit 0; }
if [ "${1:-}" = shots ]; then
	go test -count=1 -v -run TestPictures .
	exit
fi
axe=$(mktemp -d)
trap 'rm -rf "$axe"' EXIT
command -v npm >/dev/null || install npm
fetch() { (cd "$axe" && npm install --silent --no-audit --no-fund axe-core@4.14.1 >/dev/null 2>&1); }
if ! command -v npm >/dev/null; then
	echo "LEFT OUT: TestAxeFindsNothing, for there is no npm here, nor a way to install it"
elif fetch || fetch; then
	export AXE=$axe/node_modules/axe-core/axe.min.js
else
	missed "LEFT OUT: TestAxeFindsNothing, for npm could not bring axe-core"
fi
go test -count=1 -timeout 30m -v "$@" .
