#!/usr/bin/env bash
# What each format costs and saves: MP/s, start-up with and without the compiled WebAssembly, bytes at equal butteraugli. Writes FORMATS.md.
# Usage: bench/formats.sh [WIDTH [QUALITIES]]    of the pictures that are compared. Needs Debian's libjxl-devtools and libjpeg-turbo-progs.
. "$(dirname "$0")/common.sh"
width=${1:-800} ladder=${2:-40,55,65,75,80,85,90,95}
for tool in butteraugli_main cjpeg; do
	command -v $tool >/dev/null || { echo "$tool is missing: apt install libjxl-devtools libjpeg-turbo-progs" >&2; exit 1; }
done
go build -C "$root/bench" -o "$work/formats" ./formats
go build -C "$root/bench" -o "$work/effort" ./effort

mkdir pictures inbox
cp "$photos"/{craft-beer-baseline,book-beside-flowers-baseline,iphone7-12mp-display-p3,dji-0032-422}.jpg inbox/
for w in 1920 "$width"; do
	printf 'widths = [%s]\nformat = "png"\nstate = "state-%s"\noutput = "png-%s"\n' $w $w $w >c.toml
	./pixmill run -c c.toml >/dev/null 2>&1
done
for f in png-$width/*.png; do n=${f##*/}; cp "$f" "pictures/${n%%-*}.png"; done

# start FORMAT FILE: CPU and wall time of a run with one photo, the least CPU of three, without and with the folder of compiled programs
start() {
	rm -rf one && mkdir -p one/inbox && cp "$2" one/inbox/
	printf 'widths = [64]\nformat = "%s"\n' $1 >one/config.toml
	for kind in without with; do
		best=""
		for _ in 1 2 3; do
			rm -rf one/output one/.pixmill/ledger* one/.pixmill/savings*
			[ $kind = with ] || rm -rf one/.pixmill/wasm
			line=$(./measure ./pixmill run -c one/config.toml 2>&1 >/dev/null | tail -n 1 | sed "s/cpu \([0-9.]*\) s.*wall \([0-9.]*\) s.*/\1 \2/")
			best=$(printf "%s\n%s\n" "$best" "$line" | grep . | sort -n | head -n 1)
		done
		printf ' %s s (%s) |' $best
	done
}

{
	echo "# Formats"
	echo
	echo "Written by \`bench/formats.sh $width $ladder\`, on $(nproc) cores of a shared machine."
	echo
	./formats -encode png-1920/craft*.png "$photos"/{craft-beer-baseline,craft-beer-progressive,iphone7-12mp-display-p3}.jpg "$photos"/iphone7-display-p3.heic \
		"$photos"/8bit-sRGB.avif "$photos"/denali.webp "$photos"/density_plot.png
	printf '\nA whole pixmill run with one photo, into 64 pixels: seconds of CPU (wall) time, the least CPU of three:\n\n'
	printf '| from | to | compiled anew | compiled before |\n|---|---|---|---|\n'
	for pair in "jpeg portrait-orientation-6.jpg" "webp portrait-orientation-6.jpg" "avif portrait-orientation-6.jpg" "jpeg 8bit-sRGB.avif" "jpeg iphone7-display-p3.heic"; do
		set -- $pair
		echo "| $2 | $1 |$(start $1 "$photos/$2")"
	done
	printf '\nPictures of %s pixels, made of the photos. CPU time is that of one encoding at about that distance.\n' "$width"
	./effort -pictures pictures -qualities "$ladder" -anchors 75,85 -tools "pixmill fast,pixmill small,webp fast,webp balanced,avif fast,avif balanced"
} >FORMATS.new
cp FORMATS.new "$root/bench/FORMATS.md"
cat FORMATS.new
