#!/usr/bin/env bash
# images/s, CPU seconds and peak RSS for 200 copies of one photo, each with a comment of its own, into one 1200-px width. Usage: bench/throughput.sh [PHOTO] [COPIES]
. "$(dirname "$0")/common.sh"
photo=${1:-book-beside-flowers-baseline.jpg}
mkdir inbox
for i in $(seq "${2:-200}"); do copy "$photos/$photo" "$i" >"inbox/$i.jpg"; done
echo 'widths = [1200]' >config.toml
./measure ./pixmill run >/dev/null
