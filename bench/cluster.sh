#!/usr/bin/env bash
# Throughput and costs of a cluster on this machine, and what a model makes of them: docs/scaling.md. Linux, root, some minutes.
# Usage: [PHOTO=file.jpg] bench/cluster.sh [FLAGS of bench/cluster]; -rounds 0 measures the costs only
. "$(dirname "$0")/common.sh"
go build -C "$root/bench" -o "$work/cluster" ./cluster
unshare -n sh -c 'ip link set lo up && exec "$@"' sh ./cluster -pixmill "$work/pixmill" -photo "${PHOTO:-$photos/book-beside-flowers-baseline.jpg}" "$@"
