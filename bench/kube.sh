#!/usr/bin/env bash
# examples/cluster/kubernetes.yaml, without a cluster: each document is decoded strictly, given its defaults and validated by Kubernetes' own code; its config is
# checked by pixmill; and KEDA's own scaler is asked, in the manifest's words, of one server and of three as NATS' chart sets them up (names, no_advertise),
# whichever of them it asks first, with jobs that wait, that workers have, and none. Linux, root, Go's module proxy; a few minutes the first time.
. "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || { echo "needs root, for namespaces" >&2; exit 1; }
keda=v2.18.1 kubernetes=v1.33.5 of=v0.33.5 # Kubernetes as KEDA's go.mod has it
folder() { go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)",/\1/p'; }
cp -r "$(folder "github.com/kedacore/keda/v2@$keda")" keda
chmod -R u+w keda
for f in keda/pkg/scalers/*.go; do # the other scalers need every cloud's library
	case $f in */scaler.go | */nats_jetstream_scaler.go) ;; *) rm "$f" ;; esac
done
mkdir keda/cmd/kube
grep -v '^//go:build ignore' "$root/bench/kube/main.go" >keda/cmd/kube/main.go
go mod edit -C keda -require "k8s.io/kubernetes@$kubernetes"
for m in $(sed -n 's|^\t\(k8s.io/[a-z-]*\) => ./staging.*|\1|p' "$(folder "k8s.io/kubernetes@$kubernetes")/go.mod"); do
	grep -q "^	$m => " keda/go.mod || go mod edit -C keda -replace "$m=$m@$of"
done
go build -C keda -mod=mod -o "$work/kube" ./cmd/kube
go build -C "$root" -o "$work/nats-server" github.com/nats-io/nats-server/v2
cp "$root/examples/cluster/kubernetes.yaml" .
./kube kubernetes.yaml
mkdir checked
sed -n '/^  config.toml: |/,/^---/s/^    //p' kubernetes.yaml >checked/config.toml
(cd checked && ../pixmill check >/dev/null)
echo "kubernetes.yaml: decoded, validated; its config.toml is one"

mkdir -p inbox
for i in $(seq 30); do copy "$photos/book-beside-flowers-baseline.jpg" "$i" >"inbox/$i.jpg"; done
export PIXMILL_WATCHER=one PIXMILL_WORKER=two PIXMILL_STATUS=three
cat >inside.sh <<'INSIDE'
set -euo pipefail
ip link set lo up
n=$1
headless=nats-headless.default.svc.cluster.local
name_hosts() { # FIRST: the server that the headless service's name leads to
	{
		echo '127.0.0.1 localhost'
		for i in $(seq 0 $((n - 1))); do echo "127.0.1.$i nats-$i.nats-headless nats-$i.$headless nats"; done
		echo "127.0.1.$1 $headless"
	} >hosts # which is /etc/hosts
}
: >hosts; mount --bind hosts /etc/hosts
name_hosts 0
routes=$(for i in $(seq 0 $((n - 1))); do echo -n "\"nats://nats-$i.nats-headless:6222\", "; done)
for i in $(seq 0 $((n - 1))); do
	sed "s|listen: 0.0.0.0:4222|listen: 127.0.1.$i:4222|; s|http: 127.0.0.1:8222|http: 127.0.1.$i:8222|; s|/data|$PWD/data-$n-$i|" nats.conf >"nats-$i.conf"
	[ "$n" = 1 ] || echo "cluster { name: nats, listen: \"127.0.1.$i:6222\", no_advertise: true, routes: [$routes] }" >>"nats-$i.conf"
	SERVER_NAME=nats-$i ./nats-server -c "nats-$i.conf" >"nats-$n-$i.log" 2>&1 & servers="${servers:-} $!"
done
trap 'kill $servers ${watch:-} ${worker:-} 2>/dev/null || true; wait' EXIT
mkdir "side-$n" "worker-$n"
printf '[cluster]\nurl = "nats://watcher:one@nats:4222"\nreplicas = %s\n' "$n" >"side-$n/config.toml"
cp -r inbox "side-$n/inbox"
(cd "side-$n" && exec ../pixmill watch --cluster) >"watch-$n.out" 2>"watch-$n.log" & watch=$!
waiting() { ./pixmill status --cluster --url nats://status:three@nats:4222 2>/dev/null | grep -q "^$1 waiting"; }
end=$((SECONDS + 60))
until waiting 30; do [ "$SECONDS" -lt "$end" ] || { echo "no 30 jobs after a minute"; exit 1; }; sleep 0.2; done
expect() { # WHAT MANIFEST-ANSWER
	local said; said=$(KEDA_CHECK_UNEXPECTED_SCALERS_PARAMS=enabled ./kube kubernetes.yaml ask | sort -u)
	[ "$said" = "$2" ] || { echo "$n servers, $1: KEDA says $said" >&2; exit 1; }
	echo "$n servers, $1: $said"
}
for first in $(seq 0 $((n - 1))); do
	name_hosts "$first"
	expect "30 jobs wait, nats-$first asked first" "30 jobs, active: true, workers: 2"
done
(cd "worker-$n" && exec ../pixmill worker --url nats://worker:two@nats:4222) >"worker-$n.log" 2>&1 & worker=$!
end=$((SECONDS + 120))
until [ "$(wc -l <"watch-$n.out")" = 30 ]; do [ "$SECONDS" -lt "$end" ] || { echo "not all are made after two minutes"; exit 1; }; sleep 0.2; done
expect "all are made" "0 jobs, active: false, workers: 0"
INSIDE
cp "$root/examples/cluster/nats.conf" .
for servers in 1 3; do unshare -n -m --propagation private bash inside.sh "$servers" || { tail -n 3 ./*.log; exit 1; }; done
