#!/usr/bin/env bash
# Fuzzes every target for so many seconds, one at a time and behind everybody else, and prints what each came to. A failure leaves its input in the
# package's testdata/fuzz: fix it, give the file a name that says what it is, and commit it. Usage: bench/fuzz.sh [SECONDS] [TARGET-PATTERN]
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
failed=0
for package in $(go list ./...); do
	for target in $(go test -list "^Fuzz.*${2:-}" "$package" | grep '^Fuzz' || true); do
		log=$(mktemp)
		ok=ok
		nice -n 19 go test -run '^$' -fuzz "^$target\$" -fuzztime "${1:-60}s" -fuzzminimizetime 2s -parallel 1 "$package" >"$log" 2>&1 || { ok=FAILED failed=1; }
		printf '%-8s %-28s %-34s %s\n' "$ok" "${package#pixmill/}" "$target" "$(grep -o 'elapsed: .*' "$log" | tail -n 1)"
		[ $ok = ok ] || tail -n 20 "$log"
		rm "$log"
	done
done
exit $failed
