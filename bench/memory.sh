#!/usr/bin/env bash
# 64 photos of 100 megapixels at once, half of them progressive, under GOMEMLIMIT=512MiB in a cgroup of 700 MB: finishes without being killed, because a
# photo is begun only when there is memory for it. Usage: bench/memory.sh [COPIES]    (as root, with the memory controller of cgroups)
. "$(dirname "$0")/common.sh"
go build -C "$root/bench" -o "$work/giant" ./giant
mkdir inbox
./giant 12264 8160 "$photos/dji-0032-422.jpg" baseline.jpg
./giant -progressive 12264 8160 "$photos/dji-0032-422.jpg" progressive.jpg
for i in $(seq $((${1:-64} / 2))); do # each with another end, or equal ones would be decoded once
	for kind in baseline progressive; do { cat $kind.jpg; echo "$i"; } >"inbox/$kind-$i.jpg"; done
done
echo 'widths = [320, 640, 960, 1280, 1920]' >config.toml
group=/sys/fs/cgroup/memory/pixmill-$$ limit=memory.limit_in_bytes # v1
[ -f /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/pixmill-$$ limit=memory.max
mkdir "$group" 2>/dev/null && echo 700000000 >"$group/$limit" || { echo "no cgroup can be made here: root and the memory controller are needed" >&2; exit 1; }
trap 'rmdir "$group" || true; rm -rf "$work"' EXIT
(
	echo $BASHPID >"$group/cgroup.procs"
	GOMEMLIMIT=512MiB ./measure ./pixmill run --workers 64 | tail -n 1
)
[ "$(find output -name '*.jpg' | wc -l)" -eq $((${1:-64} / 2 * 2 * 5)) ] || { echo "outputs are missing" >&2; exit 1; }
