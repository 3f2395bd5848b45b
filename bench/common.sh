# Sourced by the scripts here: builds pixmill, finds the photos, makes a folder that goes when the script does.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
photos=${PHOTOS:-$root/../shared/photos}
[ -d "$photos" ] || { echo "no photos in $photos: name a folder of them in PHOTOS" >&2; exit 1; }
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
export CGO_ENABLED=0
go build -C "$root" -o "$work/pixmill" .
go build -C "$root/bench" -o "$work/measure" ./measure
cd "$work"

# waits for FILE...
await() {
	for f in "$@"; do
		for _ in $(seq 6000); do [ -e "$f" ] && continue 2; sleep 0.01; done
		echo "waited a minute for $f" >&2; exit 1
	done
}
# copy PHOTO NUMBER: a JPEG on stdout with a comment of its own behind SOI. Copies that are the same would be decoded once (sink.Twin), and
# measure nothing.
copy() {
	printf '\xff\xd8\xff\xfe\x00\x08%06d' "$2"
	tail -c +3 "$1"
}
median() { sort -n | awk '{v[NR]=$1} END{print v[int((NR+1)/2)], "(" v[1] " to " v[NR] ")"}'; }
