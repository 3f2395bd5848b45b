#!/usr/bin/env bash
# What the dashboard costs. First, CPU and memory of an idle `pixmill watch` without a dashboard, with one, and with its page open in Chromium. Then CPU time
# for COPIES photos without a dashboard, and with one and what its page asks for, in turns (A B A B …): the difference of each pair, and what its mean is with
# 95 % confidence (Student's t). It is curl that asks there: a browser at work beside them makes the photos themselves dearer, by the caches that it fills.
# bench/dashboard-profile.sh tells the share by samples, with a browser. Linux (/proc). Usage: bench/dashboard-cost.sh [SECONDS] [ROUNDS] [COPIES]
. "$(dirname "$0")/common.sh"
seconds=${1:-30} rounds=${2:-10} copies=${3:-100}
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
	look_away
}
idle() { # idle NAME
	sleep 3
	local from; from=$(ticks "$pid")
	sleep "$seconds"
	echo "$1: $(( ($(ticks "$pid") - from) * 1000 / $(getconf CLK_TCK) )) ms of CPU in $seconds s, $(awk '/VmRSS/{print $2, $3}' "/proc/$pid/status") resident"
	stop
}
lookers=()
start ""; idle "idle, no dashboard"
start "127.0.0.1:$port"; idle "idle, dashboard"
start "127.0.0.1:$port"; look_at $port; idle "idle, page open"
work() { # work LISTEN
	start "$1"
	[ -z "$1" ] || look_at $port curl
	sleep 1
	local from; from=$(ticks "$pid")
	mkdir fill; for i in $(seq "$copies"); do { cat "$photo"; echo "$i"; } >"fill/$i.jpg"; done
	mv fill/*.jpg inbox/; rmdir fill
	while [ "$(grep -c . lines.txt)" -lt "$copies" ]; do sleep 0.05; done
	echo $(( ($(ticks "$pid") - from) * 1000 / $(getconf CLK_TCK) ))
	stop
}
for i in $(seq "$rounds"); do
	if [ $((i % 2)) = 0 ]; then # so that a machine that becomes slower is as often with one of them as with the other
		with=$(work "127.0.0.1:$port"); without=$(work "")
	else
		without=$(work ""); with=$(work "127.0.0.1:$port")
	fi
	echo "$without $with" >>pairs.txt
done
echo "CPU ms for $copies photos: without $(cut -d' ' -f1 pairs.txt | median), with dashboard and what its page asks $(cut -d' ' -f2 pairs.txt | median)"
awk '{d = 100 * ($2 - $1) / $1; sum += d; squares += d * d; n++}
	END {
		mean = sum / n; f = n - 1
		t = 1.96 + 2.372 / f + 2.822 / f^2 + 2.556 / f^3 # the 97.5 % quantile, from 3 degrees of freedom on
		half = t * sqrt((squares - n * mean^2) / f / n)
		printf "the dashboard: %+.2f %% (%+.2f to %+.2f), of %d pairs\n", mean, mean - half, mean + half, n
	}' pairs.txt
