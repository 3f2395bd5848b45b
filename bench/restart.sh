#!/usr/bin/env bash
# How long `pixmill run` takes to recognise an inbox that is done already, with the default five sizes for every photo; then with the
# ledger lost, when it is taken over from the folders. Usage: bench/restart.sh [PHOTOS]
PHOTOS=${PHOTOS:-$(cd "$(dirname "$0")/.." && pwd)/testdata/images} . "$(dirname "$0")/common.sh"
count=${1:-100000}
go build -C "$root/bench" -o "$work/fill" ./fill
./fill "$root/testdata/images/tiny-1x1.jpg" inbox "$count"
seconds() {
	local from=$EPOCHREALTIME
	./pixmill run >out.txt 2>err.txt || { tail -n 3 err.txt; exit 1; }
	echo "$EPOCHREALTIME $from" | awk -v what="$1" '{printf "%s: %.1f s; ", what, $1 - $2}'
	tail -n 1 err.txt
}
seconds "made"
echo "$(find output -type f | wc -l) outputs, ledger $(du -h .pixmill/ledger.db | cut -f1)"
for n in 1 2 3; do seconds "again, $n"; done
rm -r .pixmill
seconds "state lost"
seconds "after that"
