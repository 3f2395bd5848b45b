#!/usr/bin/env bash
# The dashboard's page in a real browser: drop, failure, retry, pause, restart, token, dark, narrow, keyboard, 100,000 photos, axe-core. Needs Chromium
# (Debian: apt-get install chromium) and npm for axe-core; what is not here is left out, and named.
# Usage: bench/dashboard.sh [-run PATTERN]; bench/dashboard.sh shots FOLDER takes the pictures of the README and docs/.
set -euo pipefail
[ "${1:-}" != shots ] || export SHOTS=$(realpath "${2:-docs}")
cd "$(dirname "$0")/browser"
command -v chromium >/dev/null || command -v google-chrome >/dev/null || { echo "no Chromium here: apt-get install chromium; nothing was tested"; exit 0; }
if [ "${1:-}" = shots ]; then
	go test -count=1 -v -run TestPictures .
	exit
fi
axe=$(mktemp -d)
trap 'rm -rf "$axe"' EXIT
if (cd "$axe" && npm install --silent --no-audit --no-fund axe-core@4.14.1 >/dev/null 2>&1); then
	export AXE=$axe/node_modules/axe-core/axe.min.js
else
	echo "npm could not bring axe-core: TestAxeFindsNothing is left out"
fi
go test -count=1 -v "$@" .
