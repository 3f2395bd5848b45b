#!/usr/bin/env bash
# Time from cp's return to all five default outputs in place, for one photo dropped into a watched inbox; ten rounds.
# The end is the kernel's own stamp of the last rename (ctime). Linux with GNU coreutils. Usage: bench/latency.sh [PHOTO]
. "$(dirname "$0")/common.sh"
photo=${1:-craft-beer-baseline.jpg}
./pixmill watch >lines.txt 2>log.txt &
await output inbox
sleep 1
for round in $(seq 10); do
	copy "$photos/$photo" "$round" >"$round.jpg"
	cp "$round.jpg" inbox/
	from=$(date +%s.%N)
	await output/$round-{320,640,960,1280,1920}w.jpg
	stat -c %.9Z output/$round-*.jpg | sort -n | tail -1 | awk -v from="$from" '{printf "%.0f\n", ($1 - from) * 1000}'
	sleep 0.2
done | median | sed "s/^/$photo: ms from cp's return to five outputs in place, median of ten: /"
tail -1 lines.txt
