#!/usr/bin/env bash
# The long form of TestCrash (internal/e2e): kills `pixmill watch` at random moments and holds what is there against the promise.
# Usage: bench/crash.sh [ROUNDS] [SEED] [MINUTES]   for each fate of the originals; MINUTES bounds each, 0 does not
set -euo pipefail
cd "$(dirname "$0")/.."
CGO_ENABLED=0 exec nice -n 10 go test -count=1 -timeout 0 -run '^TestCrash$' -v ./internal/e2e \
	-crash.rounds "${1:-1000}" -crash.seed "${2:-1}" -crash.minutes "${3:-0}"
