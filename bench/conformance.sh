#!/usr/bin/env bash
# The JPEG decoder beside djpeg, on every JPEG below some folders, such as checkouts of libjpeg-turbo and image-rs/jpeg-decoder.
# Usage: bench/conformance.sh [DIR...]   (none: testdata/images and the shared photos)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
command -v djpeg >/dev/null || { echo "djpeg is not here: install libjpeg-turbo-progs" >&2; exit 1; }
[ $# -gt 0 ] || set -- "$root/testdata/images" "${PHOTOS:-$root/../shared/photos}"
dirs=(); for d; do dirs+=("$(realpath "$d")"); done
CGO_ENABLED=0 go run -C "$root/bench" ./conformance "${dirs[@]}"
