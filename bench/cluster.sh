#!/usr/bin/env bash
# Throughput and costs of a cluster on this machine, and what a model makes of them: docs/scaling.md. Linux, root, some minutes.
# Usage: [PHOTO=file.jpg] [S3=1|outputs|store] bench/cluster.sh [FLAGS of bench/cluster]; -rounds 0 measures the costs only. With S3=1, photos and outputs go by
# a server of testdata/s3 (its own CPU time is not counted), with S3=outputs only those, with S3=store both, and outputs back to the watching side
. "$(dirname "$0")/common.sh"
go build -C "$root/bench" -o "$work/cluster" ./cluster
if [ -n "${S3:-}" ]; then
	go build -C "$root/testdata/s3" -o "$work/versitygw" github.com/versity/versitygw/cmd/versitygw
	mkdir -p served/photos meta
	export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench-secret
	export ROOT_ACCESS_KEY=bench ROOT_SECRET_KEY=bench-secret
	server='endpoint=http://127.0.0.1:7070&region=us-east-1'
	[ "$S3" = outputs ] || set -- -store "s3://photos/carried?$server" "$@"
	[ "$S3" = store ] || set -- -upload "s3://photos/site?$server" "$@"
fi
unshare -n sh -c 'ip link set lo up
	if [ -x versitygw ]; then ./versitygw --quiet --port 127.0.0.1:7070 posix --sidecar $PWD/meta $PWD/served >s3.log 2>&1 & s3=$!; trap "kill $s3" EXIT; sleep 1; fi
	"$@"' sh ./cluster -pixmill "$work/pixmill" -photo "${PHOTO:-$photos/book-beside-flowers-baseline.jpg}" "$@"
