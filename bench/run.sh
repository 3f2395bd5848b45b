#!/usr/bin/env bash
# pixmill beside its peers: installs those that can be, runs all in turn, writes bench/RESULTS.md.
# Usage: bench/run.sh [ROW...]   (five one progressive decode-1 … decode-8 png png-to-jpeg giant; none: all)
# ROUNDS is how often (7), PHOTOS the folder of photos, OUT the page.
. "$(dirname "$0")/common.sh"
. "$root/bench/peers/install.sh"
for command in imaging decode giant run; do go build -C "$root/bench" -o "$work/$command" "./$command"; done
./run -root "$root" -work "$work" -photos "$(realpath "$photos")" -rounds "${ROUNDS:-7}" -out "${OUT:-$root/bench/RESULTS.md}" "$@"
