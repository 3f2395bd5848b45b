#!/usr/bin/env bash
# each.sh vips|gm|im FORMAT OUT WIDTHS FILE...: command-line tools into every width, Lanczos3, quality 80. vipsthumbnail takes one
# size a process, so it is started once for each; the Magicks decode once, and write as they go down from the largest.
set -euo pipefail
tool=$1 format=$2 out=$3 widths=$(tr , '\n' <<<"$4" | sort -rn); shift 4
ext=jpg; [ "$format" = png ] && ext=png
case $tool in
vips)
	save=; [ "$format" = jpeg ] && save='[Q=80,optimize_coding]'
	for w in $widths; do vipsthumbnail "$@" -s "${w}x100000>" -o "$out/%s-$w.$ext$save"; done ;;
gm | im)
	command=(gm convert); [ "$tool" = im ] && command=(convert-im6.q16)
	for f; do
		name=$(basename "${f%.*}") steps=()
		largest=$(head -n 1 <<<"$widths")
		for w in $widths; do steps+=(-resize "${w}x" -quality "$([ "$format" = jpeg ] && echo 80 || echo 75)" -write "$out/$name-$w.$ext"); done
		"${command[@]}" -define "jpeg:size=${largest}x${largest}" "$f" -auto-orient -filter Lanczos "${steps[@]}" null:
	done ;;
esac
