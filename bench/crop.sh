#!/usr/bin/env bash
# Where pixmill and libvips' smartcrop cut the photos; writes bench/CROPS.md, and each photo with both cuts drawn in to the folder in SHEETS.
# Needs vips (Debian: libvips-tools). Usage: [SHEETS=DIR] bench/crop.sh
. "$(dirname "$0")/common.sh"
command -v vips >/dev/null || { echo "vips is not here: apt-get install libvips-tools" >&2; exit 1; }
go build -C "$root/bench" -o "$work/crop" ./crop
printf 'widths = [640]\nformats = ["png"]\n' >config.toml
./pixmill run "$photos" >/dev/null 2>&1
{
	printf '# Crops\n\nWritten by `bench/crop.sh`: where a cut begins, in pixels of the photo at a width of 640, and how much of it both have. %s.\n\n' "$(vips --version)"
	./crop ${SHEETS:+-sheets "$SHEETS"} output/*.png
} >"$root/bench/CROPS.md"
cat "$root/bench/CROPS.md"
