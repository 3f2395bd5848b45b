#!/usr/bin/env bash
# examples/cluster as it is, in containers: the Dockerfile's image, four workers, photos in, every size out; stopped in the midst of more photos, each
# container by itself, and started again, which finishes them. Linux, root; podman with runc, netavark, aardvark-dns and iptables. Docker Compose, which
# talks to podman, is docker-compose or built here. All is in namespaces and a folder of its own, and gone afterwards. The two images of registries are
# pulled, or, where none can be reached, made of what this machine and go.mod have (busybox-static, ca-certificates).
#   COUNT=20 bench/containers.sh
. "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || { echo "needs root, for namespaces" >&2; exit 1; }
for tool in podman runc iptables; do command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 1; }; done
export count=${COUNT:-20} compose; compose=$(command -v docker-compose || true)
if [ -z "$compose" ]; then
	module=$(go mod download -json github.com/docker/compose/v2@v2.40.3 | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
	cp "$module/go.mod" "$module/go.sum" . # it has replacements, so go install refuses it
	go build -C "$module" -modfile="$work/go.mod" -o "$work/docker-compose" ./cmd
	compose=$work/docker-compose
fi
cp -r "$root/examples/cluster" cluster
go build -C "$root" -trimpath -ldflags='-s -w' -o "$work/cluster/pixmill" .

mkdir -p base/etc/ssl/certs base/usr/share base/tmp base/home/nonroot nats/bin nats/usr/local/bin
printf 'root:x:0:0::/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n' >base/etc/passwd
cp /etc/ssl/certs/ca-certificates.crt base/etc/ssl/certs/
cp -r /usr/share/zoneinfo base/usr/share/
chmod 1777 base/tmp
chmod 700 base/home/nonroot
printf 'FROM scratch\nCOPY . /\nCOPY --chown=65532:65532 home /home\nUSER 65532\nWORKDIR /home/nonroot\n' >base.Dockerfile
go build -C "$root" -trimpath -o "$work/nats/usr/local/bin/nats-server" github.com/nats-io/nats-server/v2
cp "$(command -v busybox)" nats/bin/busybox
for c in sh wget; do ln -s busybox "nats/bin/$c"; done
printf '#!/bin/sh\ncase $1 in -*) set -- nats-server "$@" ;; esac\nexec "$@"\n' >nats/usr/local/bin/docker-entrypoint.sh
chmod +x nats/usr/local/bin/docker-entrypoint.sh
printf 'FROM scratch\nCOPY . /\nENTRYPOINT ["docker-entrypoint.sh"]\n' >nats.Dockerfile

# Ulimits that also who has no CAP_SYS_RESOURCE may set; the rest keeps podman's files here.
mkdir -p store
cat >containers.conf <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "netavark"
network_config_dir = "$work/networks"
END
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/store"\nrunroot = "%s/run"\n' "$work" "$work" >storage.conf
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf

for i in gcr.io/distroless/static:nonroot docker.io/library/nats:2.12-alpine; do timeout 60 podman pull -q "$i" >pull.log 2>&1 || tail -n 1 pull.log; done

make_photos() { # FROM TO
	for i in $(seq "$1" "$2"); do copy "$photos/book-beside-flowers-baseline.jpg" "$i" >".$i.part" && mv ".$i.part" "cluster/photos/inbox/$i.jpg"; done
}
mkdir -p cluster/photos/inbox
make_photos 1 "$count"
chown -R 1000:1000 cluster/photos
printf '%s\n' PIXMILL_USER=1000:1000 PIXMILL_WATCHER=aa11 PIXMILL_WORKER=bb22 PIXMILL_STATUS=cc33 >cluster/.env
export -f make_photos copy
export photos work

cat >inside.sh <<'INSIDE'
set -euo pipefail
mount -t tmpfs none /run
ip link set lo up
of() { podman ps -qa --filter "label=com.docker.compose.service=$1"; }
end() {
	for c in $(of watch) $(of worker) $(of nats); do podman rm -f -t 0 "$c" >/dev/null 2>&1 || true; done
	kill $(jobs -p) 2>/dev/null || true
	wait
}
trap end EXIT
image() { # NAME FOLDER: makes one that was not pulled
	podman image exists "$1" && return
	podman build -q --isolation chroot --network host --pull=never -t "$1" -f "$2.Dockerfile" "$2" >/dev/null
	echo "$1: no registry can be reached, made here"
}
image gcr.io/distroless/static:nonroot base
image docker.io/library/nats:2.12-alpine nats
podman build -q --isolation chroot --network host --pull=never -t docker.io/library/pixmill cluster >/dev/null
podman system service -t 0 unix:///run/podman.sock 2>service.log &
for _ in $(seq 100); do [ -S /run/podman.sock ] && break; sleep 0.1; done
export DOCKER_HOST=unix:///run/podman.sock
cd cluster
while sleep 1; do for c in $(of nats); do podman healthcheck run "$c" >/dev/null 2>&1 || true; done; done & # podman leaves that to systemd
outputs() { find photos/output -name '*.jpg' 2>/dev/null | wc -l; }
await_outputs() {
	for _ in $(seq 1200); do [ "$(outputs)" -ge "$1" ] && return; sleep 0.1; done
	echo "only $(outputs) of $1 outputs" >&2
	for s in nats watch worker; do for c in $(of $s); do timeout 9 podman logs "$c" 2>&1 | tail -n 5; done; done
	exit 1
}
up() { $compose up -d --scale worker=4 >../up.log 2>&1 || { tail -n 20 ../up.log; exit 1; }; }
ended() { # what each container's end was
	for s in watch worker nats; do
		for c in $(of $s); do podman inspect --format "$s: exit code {{.State.ExitCode}}, killed for want of memory: {{.State.OOMKilled}}" "$c"; done
	done | sort | uniq -c
}
up
await_outputs $((5 * count))
echo "$(outputs) of $((5 * count)) outputs of $count photos"
podman run --rm --network cluster_default docker.io/library/pixmill status --cluster --url nats://status:cc33@nats:4222
echo "the healthcheck says: $(podman inspect --format '{{.State.Healthcheck.Status}}' "$(of nats)")"
(cd .. && make_photos $((count + 1)) $((4 * count)))
await_outputs $((5 * count + 1))
start=$SECONDS
$compose stop >../stop.log 2>&1 || { tail -n 20 ../stop.log; exit 1; }
echo "stopped in $((SECONDS - start)) s with $(outputs) of $((20 * count)) outputs:"
ended
for c in $(of worker); do podman logs "$c" 2>&1 | sed -n 's/ made$//p'; done | xargs echo "made by the workers:"
up
await_outputs $((20 * count))
echo "started again: $(outputs) of $((20 * count)) outputs, $(find photos/output -name '*.jpg' -user 1000 -group 1000 | wc -l) of them 1000:1000's"
# A worker as kubernetes.yaml has it: its config, read only as the whole root is, its user, no capabilities, its memory.
sed -n '/^  config.toml: |/,/^---/s/^    //p' kubernetes.yaml | sed 's|CHANGE-ME|bb22|' >../worker.toml
podman stop -t 40 $(of worker) >/dev/null
podman run -d --name pod --network cluster_default --user 65532:65532 --read-only --cap-drop ALL --security-opt no-new-privileges -m 1g -e GOMEMLIMIT=1073741824 \
	-v "$work/worker.toml:/etc/pixmill/config.toml:ro" --tmpfs /etc/pixmill/.pixmill:mode=1777 docker.io/library/pixmill worker -c /etc/pixmill/config.toml >/dev/null
(cd .. && make_photos $((4 * count + 1)) $((5 * count)))
await_outputs $((25 * count))
podman stop -t 40 pod >/dev/null
echo "as in kubernetes.yaml: $(podman logs pod 2>&1 | tail -n 1), exit code $(podman inspect --format '{{.State.ExitCode}}' pod)"
podman rm pod >/dev/null
$compose down -v >../down.log 2>&1 || { tail -n 20 ../down.log; exit 1; }
echo "down: $(podman ps -qa | wc -l) containers, $(podman volume ls -q | wc -l) volumes are left"
INSIDE
unshare -n -m --propagation private bash inside.sh
