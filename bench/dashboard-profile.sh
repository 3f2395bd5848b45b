#!/usr/bin/env bash
# What share of `pixmill watch`'s CPU time the dashboard takes while photos are made and its page is open: not by the clock, which other programs on the
# machine move, but by the samples of a CPU profile, and the bytes of an allocation profile. 
# Usage: bench/dashboard-profile.sh [COPIES] [CONFIG-LINE]
. "$(dirname "$0")/common.sh"
copies=${1:-300}
port=18428
printf '{"Replace": {"%s": "%s"}}' "$root/main.go" "$root/bench/testdata/profiled.go" >overlay.json
go build -C "$root" -overlay "$work/overlay.json" -o "$work/profiled" .
printf '%s\n[dashboard]\nlisten = "127.0.0.1:%s"\n' "${2:-}" "$port" >config.toml
PROFILE=$work ./profiled watch >lines.txt 2>log.txt &
pid=$!
await output
look_at $port
mkdir fill
all=("$photos"/*-baseline.jpg "$photos"/iphone7*.jpg "$photos"/dji*.jpg)
for i in $(seq "$copies"); do
	copy "${all[i % ${#all[@]}]}" "$i" >"fill/$i.jpg"
	mv "fill/$i.jpg" inbox/
done
while [ "$(grep -c . lines.txt)" -lt "$copies" ]; do sleep 0.1; done
sleep 3 # the page asks once more
kill -INT "$pid"
wait "$pid" || { cat log.txt; exit 1; }
look_away
parts() { # parts PROFILE SAMPLES: what share has which functions on its stack
	while IFS='=' read -r name focus; do
		go tool pprof -sample_index="$2" -top -nodecount=100000 -nodefraction=0 -focus="$focus" "$1" 2>/dev/null |
			awk -v name="$name" '/^Showing nodes accounting for/ {print name ": " $5, $6, $7, $8, $9}'
	done <<'END'
the dashboard=internal/dashboard|net/http\.
  of it: requests=dashboard.*contain
    of them: events=getEvents
    lists=getPhotos|getFailures|getMarks
    pictures=getOutput
  of it: what each photo reports=Dashboard..Heard
the pipeline's account of stages=pipeline.*trace
END
}
[ -z "${KEEP:-}" ] || cp cpu allocs "$KEEP"
go tool pprof -top -nodecount=1 cpu 2>/dev/null | sed -n 's/^Duration: //p'
echo "(of $(nproc) CPUs for so long: the less of them it could have, the more often it was asked by the clock for the same work: events, lists)"
echo "CPU time"; parts cpu cpu
echo "bytes allocated"; parts allocs alloc_space
echo "the garbage collector, which works for both"
go tool pprof -top -nodecount=100000 -nodefraction=0 -focus='gcBgMarkWorker|gcAssist|bgsweep' cpu 2>/dev/null | grep '^Showing'
