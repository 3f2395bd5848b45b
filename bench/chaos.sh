#!/usr/bin/env bash
# 2,000 photos over one hub and over three, with two watching sides and four workers, all of whose clocks are wrong by an hour one way or the other;
# all of them, and hubs, are killed and frozen for 30 s, and the hub that leads is cut off from the others. Before, the hub that is ahead of the others goes
# with a worker.
# Usage: bench/chaos.sh [PHOTOS] [FREEZE] [SKEW]
set -euo pipefail
cd "$(dirname "$0")/.."
clocks=$(mktemp -d); trap 'rm -rf "$clocks"' EXIT
CGO_ENABLED=0 go test -overlay "$(bench/skew/overlay.sh "$clocks")" ./internal/e2e -run TestFleet -v -count=1 -timeout 2h -fleet.three \
	-fleet.photos "${1:-2000}" -fleet.freeze "${2:-30s}" -fleet.skew "${3:-1h}" | grep -E '^[^ =]|^ *(---|fleet_)' # without what the members said
