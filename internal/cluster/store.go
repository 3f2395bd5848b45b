package cluster

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// store is one of the two object stores. They are apart so that sources that wait never take the room that outputs need.
type store struct {
	conn   *Conn
	bucket jetstream.ObjectStore
	stream jetstream.Stream // the bucket's own
}

// objectStream gives a stream's name for that of a bucket.
func objectStream(bucket string) string { return "OBJ_" + bucket }

// chunk is how large the messages of an object are; servers take 1 MB unless told otherwise, and few large ones cost less than many.
const chunk = 512 << 10

// slowest is the bytes a second below which a transfer is taken for stuck.
const slowest = 256 << 10

func patienceFor(size int64) time.Duration {
	return 10*time.Second + time.Duration(size/slowest)*time.Second
}

// put stores data; an object of that name that is there already is taken for the same.
func (s store) put(ctx context.Context, name string, data []byte) error {
	return s.conn.patiently(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patienceFor(int64(len(data))))
		defer cancel()
		info, err := s.bucket.GetInfo(ctx, name)
		if err == nil && info.Size == uint64(len(data)) {
			return nil
		}
		if err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
			return err
		}
		size := min(chunk, max(1<<10, int(s.conn.nc.MaxPayload())-(1<<10)))
		_, err = s.bucket.Put(ctx, jetstream.ObjectMeta{Name: name, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(size)}}, bytes.NewReader(data))
		return err
	})
}

// get returns an object's bytes, of which there are size, and their SHA-256, which nats.go has held against them. One that is not there
// is jetstream.ErrObjectNotFound, after some waiting: the replica that is asked may be behind.
func (s store) get(ctx context.Context, name string, size int64) (data []byte, hash string, err error) {
	for _, wait := range []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
		err = s.conn.patiently(ctx, func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, patienceFor(size))
			defer cancel()
			data, hash, err = s.read(ctx, name)
			return err
		})
		if !errors.Is(err, jetstream.ErrObjectNotFound) {
			return data, hash, err
		}
	}
	return nil, "", err
}

func (s store) read(ctx context.Context, name string) (data []byte, hash string, err error) {
	object, err := s.bucket.Get(ctx, name)
	if err != nil {
		return nil, "", err
	}
	defer object.Close()
	info, err := object.Info()
	if err != nil {
		return nil, "", err
	}
	data = make([]byte, info.Size)
	if _, err := io.ReadFull(object, data); err != nil {
		return nil, "", fmt.Errorf("%s of %d bytes: %w", name, info.Size, err)
	}
	if _, err := object.Read(make([]byte, 1)); !errors.Is(err, io.EOF) { // which is where the hash is compared
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	sum, err := base64.URLEncoding.DecodeString(strings.TrimPrefix(info.Digest, "SHA-256="))
	return data, hex.EncodeToString(sum), err
}

// remove is for what nobody needs any more; what can't be removed now is in nobody's way until it is too old.
func (s store) remove(ctx context.Context, name string) {
	if name == "" {
		return
	}
	if err := s.purge(ctx, name); err != nil && ctx.Err() == nil {
		s.conn.opts.Warn(fmt.Errorf("cluster: %s stays there until it is too old: %w", name, err))
	}
}

// purge is the bucket's Delete without the marker that that leaves for watchers of the bucket, of whom there are none: one for every
// photo would fill the store. The subjects are those of NATS' ADR-20.
func (s store) purge(ctx context.Context, name string) error {
	info, err := s.bucket.GetInfo(ctx, name)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	meta := "$O." + info.Bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(name))
	if err := s.stream.Purge(ctx, jetstream.WithPurgeSubject(meta)); err != nil {
		return err
	}
	return s.stream.Purge(ctx, jetstream.WithPurgeSubject("$O."+info.Bucket+".C."+info.NUID))
}
