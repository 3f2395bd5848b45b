#!/usr/bin/env bash
# How near variants are to a float64 reference, beside vipsthumbnail's and sharp's: writes bench/QUALITY.md.
# Usage: bench/quality.sh [PHOTO...]   (JPEGs; none: the five baseline photos)
. "$(dirname "$0")/common.sh"
. "$root/bench/peers/install.sh"
photos=$(realpath "$photos")
[ $# -gt 0 ] || set -- "$photos"/{craft-beer-baseline,book-beside-flowers-baseline,iphone7-12mp-display-p3,dji-0029-420,dji-0032-422}.jpg
widths=320,640,960,1280,1920
go build -C "$root/bench" -o "$work/quality" ./quality
made=$work/made
mkdir -p "$made"/{pixmill,vipsthumbnail,sharp}
for format in png jpeg; do
	printf 'state = ".%s"\noutput = "made/pixmill"\nformats = ["%s"]\ncolor = "keep"\n' $format $format >$format.toml
	for w in ${widths//,/ }; do printf '[[variant]]\nname = "%s"\nwidth = %s\npath = "{name}-{variant}.{ext}"\n' "$w" "$w" >>$format.toml; done
	./pixmill run -c $format.toml "$@" >/dev/null
	"$root/bench/peers/each.sh" vips $format "$made/vipsthumbnail" $widths "$@"
	node "$root/bench/peers/sharp.mjs" clone $format "$made/sharp" $widths "$@"
done
{
	cat <<'PAGE'
# Quality

Written by `bench/quality.sh`. PSNR in dB against `djpeg -dct float` at full size and Lanczos3 in float64 from there, over R, G and B:
of PNGs, where nothing but decoding and scaling counts, and of JPEGs of quality 80, decoded by djpeg. sharp and vipsthumbnail with their
defaults (sharp converts the Display P3 photo to sRGB, which the reference does not: its figures there say nothing).

PAGE
	./quality made $widths "$@"
} | tee "${OUT:-$root/bench/QUALITY.md}"
