# Sourced: installs the peers that can be, and says which can't. sharp goes to $PEERS (~/.cache/pixmill-bench).
peers=${PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/pixmill-bench}
mkdir -p "$peers"
lacking=()
for p in vipsthumbnail:libvips-tools gm:graphicsmagick convert-im6.q16:imagemagick djpeg:libjpeg-turbo-progs; do
	command -v "${p%:*}" >/dev/null || lacking+=("${p#*:}")
done
/usr/bin/python3 -c 'import PIL' 2>/dev/null || lacking+=(python3-pil)
if [ ${#lacking[@]} -gt 0 ]; then
	apt-get install -y --no-install-recommends "${lacking[@]}" >"$peers/apt.log" 2>&1 ||
		echo "could not install ${lacking[*]} (see $peers/apt.log): going on without" >&2
fi
[ -d "$peers/node_modules/sharp" ] || npm install --prefix "$peers" --no-audit --no-fund sharp >"$peers/npm.log" 2>&1 ||
	echo "could not install sharp (see $peers/npm.log): going on without" >&2
export SHARP=$peers
