#!/usr/bin/env bash
# The tests as a Windows program, under wine: a Windows that is not Windows. What wine 8 lacks and Go needs is mended here, in the temporary prefix:
# bcryptprimitives.dll, and an answer by which Go falls back from POSIX removal and renaming (wine says "not implemented", Windows of before 2016 "invalid class").
# Every file call passes through one server process there, a few hundred a second: tests of thousands are left out.
# Usage: bench/windows.sh [PACKAGE...] [-- FLAGS OF GO TEST]   (all packages, with -short)   KEEP=DIR keeps the prefix there; LONG=1 leaves nothing out
set -euo pipefail
cd "$(dirname "$0")/.."
wine=/usr/lib/wine/wine64
{ [ -x $wine ] && command -v x86_64-w64-mingw32-gcc; } >/dev/null || apt-get install -y --no-install-recommends wine64 gcc-mingw-w64-x86-64-win32 >/dev/null
packages=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do packages+=("$1"); shift; done
[ $# -eq 0 ] || shift
[ ${#packages[@]} -gt 0 ] || packages=(. ./watcher ./pool ./sink/... ./resize/... ./internal/...)

work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEARCH=win64
quit() { "${wine%wine64}wineserver64" -k -w || true; [ -n "${KEEP:-}" ] || rm -rf "$work"; } # -k: of this prefix only
trap quit EXIT
[ -d "$WINEPREFIX/drive_c/windows" ] || $wine wineboot -i >"$work/boot.log" 2>&1
cat >"$work/prng.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG); // RtlGenRandom
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return SystemFunction036(p, n); }
C
x86_64-w64-mingw32-gcc -shared -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" "$work/prng.c" -ladvapi32
at=$(go env GOROOT)/src/internal/syscall/windows/at_windows.go
sed 's/^\tcase STATUS_INVALID_INFO_CLASS,/\tcase NTStatus(0xC0000002), STATUS_INVALID_INFO_CLASS,/' "$at" >"$work/at_windows.go"
grep -q 0xC0000002 "$work/at_windows.go" || { echo "Deleteat is not what it was: mend bench/windows.sh" >&2; exit 1; }
printf '{"Replace": {"%s": "%s"}}\n' "$at" "$work/at_windows.go" >"$work/overlay.json"
export CGO_ENABLED=0 GOOS=windows GOARCH=amd64
long='TestBurst|TestNestedFolders|TestEverythingAtOnce|TestFoldersMovedAndRemovedFast|TestEveryFault|TestPowerLoss'
[ -z "${LONG:-}" ] || long='^$'
nice go test -skip "$long" -overlay "$work/overlay.json" -exec $wine -short "$@" "${packages[@]}"
