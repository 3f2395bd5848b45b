#!/usr/bin/env bash
# The packages of HEAD as a release would have them: made twice, each time in a checkout of its own, and compared byte for byte; then the deb and the rpm are
# looked into, and the binary is run as it was installed from the deb. They stay in the folder that is named.
# Needs goreleaser, or some minutes to build it; what dpkg and rpm would say is left out where they are not. Usage: packaging/release.sh [FOLDER]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
keep=${1:+$(realpath -m "$1")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
release() {
	if command -v goreleaser >/dev/null; then goreleaser "$@"; else GOFLAGS= go run github.com/goreleaser/goreleaser/v2@v2.12.7 "$@"; fi
}
git clone -q "$root" "$work/first"
git clone -q "$work/first" "$work/second" # the same commit, whatever is committed meanwhile
for n in first second; do
	(cd "$work/$n" && release check && release release --snapshot --clean --parallelism 2) >"$work/log" 2>&1 || { tail -n 30 "$work/log"; exit 1; }
done
diff "$work"/{first,second}/dist/checksums.txt
echo "$(wc -l <"$work/first/dist/checksums.txt") files, the same both times"
[ -z "$keep" ] || { mkdir -p "$keep"; cp "$work"/first/dist/{*.tar.gz,*.zip,*.deb,*.rpm,checksums.txt} "$keep"; }
cd "$work/first/dist"
lacks() { # lacks PACKAGE LIST: what has to be in every package
	local file
	for file in usr/bin/pixmill usr/share/man/man1/pixmill.1 usr/share/bash-completion/completions/pixmill _pixmill \
		usr/share/fish/vendor_completions.d/pixmill.fish usr/share/doc/pixmill/copyright usr/share/doc/pixmill/config.toml; do
		grep -q "$file\$" <<<"$2" || { echo "$1 lacks $file"; exit 1; }
	done
	echo "$1: $(wc -l <<<"$2") files"
}
if command -v rpm >/dev/null; then
	for package in *.rpm; do lacks "$package" "$(rpm -qlp "$package")"; done
	[ "$(rpm -qp --queryformat '%{BUILDHOST}' ./*_amd64.rpm)" = pixmill ]
fi
command -v dpkg >/dev/null || { echo "no dpkg here: the deb is not tried"; exit 0; }
for package in *.deb; do lacks "$package" "$(dpkg-deb -c "$package" | grep -v '/$')"; done
system=$work/system
mkdir -p "$system/var/lib/dpkg/info" "$system/var/lib/dpkg/updates"
touch "$system/var/lib/dpkg/status"
dpkg --root="$system" --force-not-root --log=/dev/null -i ./*"_$(dpkg --print-architecture).deb" >/dev/null
dpkg --root="$system" -V pixmill
bash -n "$system/usr/share/bash-completion/completions/pixmill"
! command -v man >/dev/null || man --warnings -l "$system/usr/share/man/man1/pixmill-watch.1" 2>&1 >/dev/null | (! grep .)
mkdir -p "$work/photos/inbox"
cp "$root/testdata/images/scene.jpg" "$work/photos/inbox"
cd "$work/photos"
"$system/usr/bin/pixmill" version | tee version.txt
grep -q "$(git -C "$work/first" rev-parse --short=12 HEAD)" version.txt
"$system/usr/bin/pixmill" run
dpkg --root="$system" --force-not-root --log=/dev/null -r pixmill >/dev/null
[ ! -e "$system/usr/bin/pixmill" ]
echo "installed, run and removed"
