#!/usr/bin/env bash
# CPU time and resident memory of `pixmill watch` over an idle minute, with an empty inbox and with 1,000 finished photos in it.
# Linux (/proc). Usage: bench/idle.sh [SECONDS]
. "$(dirname "$0")/common.sh"
seconds=${1:-60}
busy() { awk '{ms += $1 / 1e6} END {printf "%d", ms}' "/proc/$1"/task/*/schedstat; } # by the scheduler's clock: its ticks miss, or hit, what wakes with them
idle() {
	./pixmill watch >/dev/null 2>log.txt &
	pid=$!
	await output
	for _ in $(seq 600); do [ "$(find output -name '*.jpg' | wc -l)" -ge "$1" ] && break; sleep 0.1; done
	sleep 3
	from=$(busy $pid)
	sleep "$seconds"
	echo "$2: $(( $(busy $pid) - from )) ms of CPU in $seconds s, $(awk '/VmRSS/{print $2, $3}' /proc/$pid/status) resident"
	kill -INT $pid
	wait $pid
}
idle 0 "empty inbox"
echo 'widths = [64]' >config.toml
for i in $(seq 1000); do cp "$root/testdata/images/portrait.jpg" "inbox/$i.jpg"; done
idle 1000 "1,000 photos"
