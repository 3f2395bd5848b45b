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
# look_at PORT [curl]: opens the dashboard's page, in Chromium where there is one; else, or where that is asked for, curl asks for what the page does, but for
# thumbnails. look_away closes it.
look_at() {
	local browser; browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
	if [ "${2:-}" = curl ]; then
		browser=
	elif [ -z "$browser" ]; then
		echo "no Chromium here: curl looks" >&2
	fi
	if [ -n "$browser" ]; then
		"$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --window-size=1280,900 --user-data-dir="$work/chromium" \
			--remote-debugging-port=0 "http://127.0.0.1:$1/" >browser.txt 2>&1 &
		lookers=($!)
	else
		curl -sN "http://127.0.0.1:$1/api/v1/events" >events.txt &
		lookers=($!)
		while curl -s "http://127.0.0.1:$1/api/v1/photos?limit=40" >photos.txt; do sleep 1; done &
		lookers+=($!)
	fi
	sleep 3
}
look_away() {
	local l
	for l in "${lookers[@]}"; do kill "$l" 2>/dev/null || true; wait "$l" 2>/dev/null || true; done
	lookers=()
}
median() { sort -n | awk '{v[NR]=$1} END{print v[int((NR+1)/2)], "(" v[1] " to " v[NR] ")"}'; }
