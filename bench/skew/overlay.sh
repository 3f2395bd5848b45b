#!/usr/bin/env bash
# Prints an overlay for `go build -overlay` whose programs' wall clock is wrong by the environment's PIXMILL_SKEW, in seconds: a static
# binary reads no clock that the system could lie about. Usage: bench/skew/overlay.sh DIR
set -euo pipefail
source=$(go env GOROOT)/src/time/time.go
sed -e 's/^\tsec, nsec, mono := runtimeNow()$/&\n\tsec += skew/' "$source" >"$1/time.go"
cat >>"$1/time.go" <<'EOF'

var skew = func() (n int64) {
	text, _ := syscall.Getenv("PIXMILL_SKEW")
	negative := len(text) > 0 && text[0] == '-'
	for _, c := range text {
		if '0' <= c && c <= '9' {
			n = 10*n + int64(c-'0')
		}
	}
	if negative {
		n = -n
	}
	return n
}()
EOF
sed -i 's/^import (/&\n\t"syscall"/' "$1/time.go"
grep -q 'sec += skew' "$1/time.go" || { echo "time.Now is not what it was: mend bench/skew/overlay.sh" >&2; exit 1; }
printf '{"Replace": {"%s": "%s"}}\n' "$source" "$1/time.go" >"$1/overlay.json"
echo "$1/overlay.json"
