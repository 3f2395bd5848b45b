#!/usr/bin/env bash
# The tests of the engine as an arm64 program, under qemu: its NEON assembly, and with TAGS=purego the generic functions, must give the same
# bytes as on other machines. Usage: [TAGS=purego] bench/arm64.sh [TESTS]   (TESTS: a pattern; "Twins|Form|To8|Adler" is kernels beside generic functions, in seconds)
set -euo pipefail
cd "$(dirname "$0")/.."
command -v qemu-aarch64-static >/dev/null || apt-get install -y --no-install-recommends qemu-user-static >/dev/null
CGO_ENABLED=0 GOARCH=arm64 go test -short -timeout 1h -tags "${TAGS:-}" -run "${1:-.}" -exec qemu-aarch64-static ./resize/jpeg ./resize/png ./resize/resample
go test -C bench -count=1 ./neon # the words of neon_arm64.h; -count: the cache does not see that they changed
