#!/usr/bin/env bash
# The topology of examples/cluster/compose.yaml by its own commands, as processes in network and mount namespaces of their own: nats.conf, a watching
# side and four workers, each with what its container would have; then what `docker compose down` does. Linux, root; no container is started.
. "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || { echo "needs root, for namespaces" >&2; exit 1; }
go build -C "$root" -o "$work/nats-server" github.com/nats-io/nats-server/v2
export PIXMILL_WATCHER=one PIXMILL_WORKER=two PIXMILL_STATUS=three SERVER_NAME=nats
mkdir -p data photos/inbox
echo '127.0.0.1 localhost nats' >hosts
sed "s|/data|$work/data|" "$root/examples/cluster/nats.conf" >nats.conf
# command SERVICE: its words, one a line
command_of() {
	sed -n "/^  $1:/,/^  [a-z]*:\$/s/^ *command: \[\(.*\)\]/\1/p" "$root/examples/cluster/compose.yaml" | tr ',' '\n' | sed 's/^ *"//; s/"$//' |
		sed "s|/etc/nats/nats.conf|$work/nats.conf|; s|\${PIXMILL_WATCHER}|$PIXMILL_WATCHER|; s|\${PIXMILL_WORKER}|$PIXMILL_WORKER|"
}
for s in nats watch worker; do command_of $s >$s.words; [ -s $s.words ] || { echo "compose.yaml has no command for $s"; exit 1; }; done
for i in $(seq 20); do copy "$photos/book-beside-flowers-baseline.jpg" "$i" >"photos/inbox/$i.jpg"; done
cat >inside.sh <<'INSIDE'
set -euo pipefail
ip link set lo up
mount --bind hosts /etc/hosts
mapfile -t nats <nats.words; mapfile -t watch <watch.words; mapfile -t worker <worker.words
./nats-server "${nats[@]}" >nats.log 2>&1 & server=$!
for _ in $(seq 100); do curl -sf 'http://127.0.0.1:8222/healthz?js-enabled-only=true' >/dev/null && break; sleep 0.1; done # the healthcheck
(cd photos && exec ../pixmill "${watch[@]}") >watch.out 2>watch.log & pids=$!
for i in 1 2 3 4; do
	mkdir "worker$i"
	(cd "worker$i" && exec ../pixmill "${worker[@]}") >"worker$i.log" 2>&1 & pids="$pids $!"
done
for _ in $(seq 600); do [ "$(wc -l <watch.out)" = 20 ] && break; sleep 0.2; done
./pixmill status --cluster --url "nats://status:$PIXMILL_STATUS@nats:4222"
kill -TERM $pids && wait $pids
kill -TERM $server && wait $server || true
INSIDE
unshare -n -m --propagation private bash inside.sh || { tail -n 5 ./*.log; exit 1; }
echo "$(grep -c ' → 5 files' watch.out) of 20 photos done, $(find photos/output -name '*.jpg' | wc -l) of 100 outputs; made by workers: $(grep -h 'made$' worker?.log | tr '\n' ';')"
[ "$(find photos/output -name '*.jpg' | wc -l)" = 100 ]
