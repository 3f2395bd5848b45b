#!/usr/bin/env bash
# What the dashboard costs. First, CPU and memory of an idle `pixmill watch` without a dashboard, with one, and with a reader of its events, which is what
# an open page is while nothing happens. Then CPU time for COPIES photos without a dashboard, and with one and what an open page asks for meanwhile: events,
# and twice a second the latest photos. In turns (A B A B …).
# Linux (/proc), curl. Usage: bench/dashboard-cost.sh [SECONDS] [ROUNDS] [COPIES]
. "$(dirname "$0")/common.sh"
seconds=${1:-30} rounds=${2:-4} copies=${3:-100}
photo=$photos/${PHOTO:-book-beside-flowers-baseline.jpg}
port=18427
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
start() { # start LISTEN
	printf 'widths = [1200]\n[dashboard]\nlisten = "%s"\n' "$1" >config.toml
	rm -rf inbox output .pixmill
	./pixmill watch >lines.txt 2>log.txt &
	pid=$!
	await output
}
stop() {
	kill -INT "$pid"; wait "$pid"
	[ -z "${reader:-}" ] || { kill "$reader" 2>/dev/null || true; wait "$reader" 2>/dev/null || true; reader=; }
}
read_events() { curl -sN "http://127.0.0.1:$port/api/v1/events" >events.txt & reader=$!; }
read_photos() { while curl -s "http://127.0.0.1:$port/api/v1/photos?limit=40" >photos.txt; do sleep 0.5; done & }
idle() { # idle NAME
	sleep 3
	local from; from=$(ticks "$pid")
	sleep "$seconds"
	echo "$1: $(( ($(ticks "$pid") - from) * 1000 / $(getconf CLK_TCK) )) ms of CPU in $seconds s, $(awk '/VmRSS/{print $2, $3}' "/proc/$pid/status") resident"
	stop
}
start ""; idle "idle, no dashboard"
start "127.0.0.1:$port"; idle "idle, dashboard"
start "127.0.0.1:$port"; read_events; idle "idle, dashboard with a reader"
work() { # work LISTEN
	start "$1"
	[ -z "$1" ] || { read_events; read_photos; }
	sleep 1
	local from; from=$(ticks "$pid")
	mkdir fill; for i in $(seq "$copies"); do { cat "$photo"; echo "$i"; } >"fill/$i.jpg"; done
	mv fill/*.jpg inbox/; rmdir fill
	while [ "$(grep -c . lines.txt)" -lt "$copies" ]; do sleep 0.05; done
	echo $(( ($(ticks "$pid") - from) * 1000 / $(getconf CLK_TCK) ))
	stop
}
for _ in $(seq "$rounds"); do
	work "" >>without.txt
	work "127.0.0.1:$port" >>with.txt
done
echo "CPU ms for $copies photos, median of $rounds: without $(median <without.txt), with dashboard and page $(median <with.txt)"
