#!/usr/bin/env bash
# The long form of the watcher's tests (each prints what it missed, took too early and took twice), then the whole of pixmill on a burst of
# photos, by events and by polling, with 64 open files and a short event queue: every photo has its output and its line, and one only. As root,
# which lowers the limits; nobody else's processes are touched but those that open an event queue in the second in which it is short.
# Usage: bench/stress.sh [FILES] [FOLDERS] [SECONDS] [PHOTOS] [SEED]
PHOTOS=${PHOTOS:-$(cd "$(dirname "$0")/.." && pwd)/testdata/images} . "$(dirname "$0")/common.sh"
files=${1:-100000} folders=${2:-2000} seconds=${3:-60} count=${4:-10000} seed=${5:-1}

go test -C "$root" -count=1 -timeout 0 -v ./watcher -run '^Test(RealOverflow|OverflowHides|Burst|Nested|Everything|FewOpen|TooMany|Remount|Unreadable|OddKinds)' \
	-stress.files "$files" -stress.folders "$folders" -stress.seconds "$seconds" -stress.seed "$seed" -stress.patience 20m |
	grep -vE '^(=== |PASS|$)|^ +PASS'

go build -C "$root/bench" -o "$work/fill" ./fill
queue=/proc/sys/fs/inotify/max_queued_events
long=$(cat $queue)
trap 'echo "$long" >"$queue" || true; kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
for mode in events poll; do
	mkdir $mode
	printf 'widths = [16]\n[watch]\nmode = "%s"\npoll = "1s"\nrescan = "1h"\n' $mode >$mode/config.toml
	echo 16 >"$queue" || echo "the event queue stays as long as it is: that takes root" >&2
	(cd $mode && ulimit -n 64 && exec ../pixmill watch >out.txt 2>err.txt) &
	await $mode/output
	sleep 1
	echo "$long" >"$queue"
	from=$(date +%s%N)
	./fill "$root/testdata/images/tiny-1x1.jpg" $mode/inbox "$count"
	filled=$(date +%s%N)
	await $mode/.pixmill/savings.jsonl
	for _ in $(seq 3600); do [ "$(wc -l <$mode/.pixmill/savings.jsonl)" -ge "$count" ] && break; sleep 1; done
	to=$(date +%s%N)
	sleep 2 # in which one too many would come
	kill -INT $!
	wait $!
	lines=$(wc -l <$mode/.pixmill/savings.jsonl)
	whole=$(grep -c '"status":"done"' $mode/.pixmill/savings.jsonl)
	names=$(grep -o '"source":"[^"]*"' $mode/.pixmill/savings.jsonl | sort -u | wc -l)
	made=$(find $mode/output -name '*.jpg' | wc -l)
	temps=$(find $mode/output -name '.pixmill-*' | wc -l)
	echo "pixmill, $mode: $count photos dropped in $(((filled - from) / 1000000)) ms, done after $(((to - from) / 1000000)) ms: lost $((count - made)), twice $((lines - names)), failed $((lines - whole)), temps left $temps; $(grep -c 'queue holds' $mode/err.txt || true) overflows told"
	[ "$made $names $lines $whole $temps" = "$count $count $count $count 0" ] || { tail $mode/err.txt; exit 1; }
done
