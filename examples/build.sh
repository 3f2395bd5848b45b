#!/usr/bin/env bash
# Builds the example sites for real, from the generated test images, in a folder that is thrown away, and looks at them in Chromium.
# Needs Go, npm (which fetches Eleventy and Astro), hugo and chromium, such as Debian's. `build.sh DIR` keeps a picture of each page in DIR.
set -euo pipefail
export ASTRO_TELEMETRY_DISABLED=1
cd "$(dirname "$0")"
examples=$PWD pictures=${1:+$(cd "$1" && pwd)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { printf '\n== %s\n' "$*"; }

step "pixmill and the browser"
CGO_ENABLED=0 go build -C .. -o "$work/pixmill" .
CGO_ENABLED=0 go build -C browser -o "$work/browser" .

# photos SITE fills the inbox of a copy of an example, and has pixmill make it.
photos() {
	cp -r "$examples/$1" "$work/$1"
	cd "$work/$1"
	mkdir -p inbox/hills inbox/tests
	local images=$examples/../testdata/images
	cp "$images/scene.jpg" inbox/
	cp "$images/portrait.jpg" "$images/gps-icc-p3.jpg" "$images/progressive.jpg" inbox/hills/
	cp "$images/rgba.png" "$images/orientation-6.jpg" inbox/tests/
	printf 'title = "Hills"\nalt = "Green hills under a blue sky, and a lake"\n' >inbox/scene.jpg.toml
	"$work/pixmill" run -c pixmill.toml
}

step "Eleventy"
photos eleventy
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
"$work/browser" _site ${pictures:+"$pictures/site-eleventy.jpg"}

step "Hugo"
photos hugo
hugo version
hugo --quiet
"$work/browser" public ${pictures:+"$pictures/site-hugo.jpg"}

# gone PAGES BUILD... takes a photo away: it has to leave the pages.
gone() {
	local pages=$1
	shift
	rm inbox/hills/portrait.jpg
	"$work/pixmill" run -c pixmill.toml
	"$@"
	! grep -rl portrait "$pages" || { echo "portrait is still there"; exit 1; }
}

step "a photo that goes takes its place in the page with it: Hugo"
gone public hugo --quiet --cleanDestinationDir

step "Astro"
photos astro
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
"$work/browser" dist ${pictures:+"$pictures/site-astro.jpg"}

step "a photo that goes takes its place in the page with it: Astro"
gone dist npm run --silent build
