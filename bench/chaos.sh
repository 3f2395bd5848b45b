#!/usr/bin/env bash
# 2,000 photos over one hub and over three, with two watching sides and four workers; all of them, and hubs, are
# killed and frozen for 30 s, and the hub that leads is cut off from the others.
# Usage: bench/chaos.sh [PHOTOS] [FREEZE]
set -euo pipefail
cd "$(dirname "$0")/.."
CGO_ENABLED=0 go test ./internal/e2e -run TestFleet -v -count=1 -timeout 2h -fleet.three -fleet.photos "${1:-2000}" -fleet.freeze "${2:-30s}" | grep -E '^[^ =]|^ *(---|fleet_test)' # without what the members said
