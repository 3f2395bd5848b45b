#!/usr/bin/env bash
# How long `pixmill run` takes to recognise an inbox that is done already, with the default five sizes for every photo; then with all
# state lost, when it is taken over from the folders. CPU time is printed beside: on a busy machine the wall's says little.
# Usage: bench/restart.sh [PHOTOS]
PHOTOS=${PHOTOS:-$(cd "$(dirname "$0")/.." && pwd)/testdata/images} . "$(dirname "$0")/common.sh"
count=${1:-100000}
go build -C "$root/bench" -o "$work/fill" ./fill
./fill "$root/testdata/images/tiny-1x1.jpg" inbox "$count"
TIMEFORMAT='%R s, %U s user and %S s system CPU'
seconds() {
	echo -n "$1: "
	{ time ./pixmill run >out.txt 2>err.txt; } 2>&1 | tr '\n' ';'
	echo " $(tail -n 1 err.txt)"
}
seconds "made"
echo "$(find output -type f | wc -l) outputs, ledger $(du -h .pixmill/ledger.db | cut -f1)"
for n in 1 2 3; do seconds "again, $n"; done
rm -r .pixmill
seconds "state lost"
seconds "after that"
