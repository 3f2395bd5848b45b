#!/usr/bin/env bash
# Writes transicc.tsv: what Little CMS makes of colours in several profiles: samples, 0 to 255, and sRGB, perceptual intent, clipped, not rounded.
# Needs Debian's liblcms2-utils (transicc 5.1 with Little CMS 2.14 made what is committed), colord-data and libimage-exiftool-perl, and ../shared
# for Display P3 as a phone writes it. inks.icc and inks-v4.icc are of no printer: `go test -run TestInksProfile -update` writes them.
set -euo pipefail
cd "$(dirname "$0")"
colord=/usr/share/color/icc/colord
p3=$(mktemp --suffix .icc); trap 'rm -f "$p3"' EXIT
exiftool -q -b -icc_profile ../../../../shared/photos/iphone7-12mp-display-p3.jpg >"$p3"
rgb() { for r in 0 8 32 77 128 200 255; do for g in 0 8 32 77 128 200 255; do for b in 0 8 32 77 128 200 255; do echo "$r $g $b"; done; done; done; }
inks() { for c in 0 40 128 255; do for m in 0 60 150 255; do for y in 0 90 255; do for k in 0 50 130 255; do echo "$c $m $y $k"; done; done; done; done; }
gray() { seq 0 5 255; }
figures() { # name, profile, colours; transicc wants inks in percent
	local scale=1; [ "$3" != inks ] || scale=2.55
	paste <("$3" | tr ' ' '\t') <("$3" | awk -v s=$scale '{ for (i = 1; i <= NF; i++) print $i / s }' | transicc -n -s -t0 -c0 -i "$2" -o '*sRGB' 2>/dev/null | awk 'NF == 3 { print $1 "\t" $2 "\t" $3 }') |
		awk -v name="$1" 'NF > 3 { print name "\t" $0 }'
}
{
	figures p3 "$p3" rgb
	figures adobe "$colord/AdobeRGB1998.icc" rgb
	figures prophoto "$colord/ProPhotoRGB.icc" rgb
	figures gray22 '*Gray22' gray
	figures inks inks.icc inks
	figures inks-v4 inks-v4.icc inks
} >transicc.tsv
wc -l transicc.tsv
