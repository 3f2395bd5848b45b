#!/usr/bin/env bash
# The tests of the engine as an arm64 program, under qemu: what has no assembly there must give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v qemu-aarch64-static >/dev/null || apt-get install -y --no-install-recommends qemu-user-static >/dev/null
CGO_ENABLED=0 GOARCH=arm64 go test -short -exec qemu-aarch64-static ./resize/jpeg ./resize/png ./resize/resample
