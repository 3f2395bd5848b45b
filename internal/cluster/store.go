package cluster

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// store is where photos, or outputs, lie while they are under way.
type store interface {
	// put stores data under a name. Where their SHA-256 is given, the name belongs to them, and an object of that name that is there already is taken
	// for the same; without it, nobody else has the name.
	put(ctx context.Context, name string, hash []byte, data []byte) error
	// get returns an object's bytes. One that is not there, not all of it or of another size, is jetstream.ErrObjectNotFound. Whether they are those that
	// were put is for who knows their sum.
	get(ctx context.Context, name string, size int64) ([]byte, error)
	// remove is for what nobody needs any more; what can't be removed now is in nobody's way until it is too old.
	remove(ctx context.Context, name string)
}

// stores are those of a job.
type stores struct{ sources, outputs store }

// hubStore is one of the two object stores of the servers. They are apart so that sources that wait never take the room that outputs need.
type hubStore struct {
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

func (s hubStore) put(ctx context.Context, name string, hash []byte, data []byte) error {
	return s.conn.patiently(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patienceFor(int64(len(data))))
		defer cancel()
		if hash != nil {
			info, err := s.bucket.GetInfo(ctx, name)
			if err == nil && info.Size == uint64(len(data)) {
				return nil
			}
			if err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
				return err
			}
		}
		return s.write(ctx, name, hash, data)
	})
}

// write is the bucket's Put, but that it says that an object is there only when all of it is: Put does not wait for the chunks, so that a
// store that is full, or a connection that is lost, may leave an object without its content. The form is that of NATS' ADR-20.
func (s hubStore) write(ctx context.Context, name string, hash []byte, data []byte) (err error) {
	size := min(chunk, max(1<<10, int(s.conn.nc.MaxPayload())-(1<<10)))
	info := jetstream.ObjectInfo{ObjectMeta: jetstream.ObjectMeta{Name: name, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(size)}},
		Bucket: s.bucketName(), NUID: nuid.Next(), Size: uint64(len(data))}
	if hash != nil {
		info.Digest = digest(hash)
	}
	chunks := s.chunks(info.NUID)
	defer func() {
		if err != nil {
			rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			s.stream.Purge(rest, jetstream.WithPurgeSubject(chunks)) // if not, it goes when it is too old
		}
	}()
	var sent []jetstream.PubAckFuture
	for part := range slices.Chunk(data, size) {
		f, err := s.conn.js.PublishAsync(chunks, part)
		if err != nil {
			return err
		}
		sent = append(sent, f)
	}
	for _, f := range sent {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	info.Chunks = uint32(len(sent))
	meta := nats.NewMsg(s.meta(name))
	meta.Header.Set(jetstream.MsgRollup, jetstream.MsgRollupSubject)
	meta.Data = encode(info)
	_, err = s.conn.js.PublishMsg(ctx, meta)
	return err
}

// The subjects of an object, by ADR-20.
func (s hubStore) chunks(id string) string { return "$O." + s.bucketName() + ".C." + id }
func (s hubStore) meta(name string) string {
	return "$O." + s.bucketName() + ".M." + base64.URLEncoding.EncodeToString([]byte(name))
}

func (s hubStore) bucketName() string {
	return s.stream.CachedInfo().Config.Name[len(objectStream("")):]
}

// get waits a little for what is not there: the replica that is asked may be behind.
func (s hubStore) get(ctx context.Context, name string, size int64) (data []byte, err error) {
	for _, wait := range []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		err = s.conn.patiently(ctx, func(ctx context.Context) error {
			data, err = s.read(ctx, name, size)
			return err
		})
		if !errors.Is(err, jetstream.ErrObjectNotFound) {
			return data, err
		}
	}
	return nil, err
}

// read is the bucket's Get, but that it asks for one chunk after the other, where Get has the server make a consumer for each object, and
// may wait long for what is not there any more.
func (s hubStore) read(ctx context.Context, name string, size int64) ([]byte, error) {
	info, err := s.bucket.GetInfo(ctx, name)
	if err != nil {
		return nil, err
	}
	if info.Size != uint64(size) {
		return nil, fmt.Errorf("%s has %d bytes, not %d: %w", name, info.Size, size, jetstream.ErrObjectNotFound)
	}
	ctx, cancel := context.WithTimeout(ctx, patienceFor(int64(info.Size)))
	defer cancel()
	data := make([]byte, 0, info.Size)
	for next := uint64(1); uint64(len(data)) < info.Size; {
		msg, err := s.stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(s.chunks(info.NUID)))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, fmt.Errorf("%s ends early: %w", name, jetstream.ErrObjectNotFound)
		}
		if err != nil {
			return nil, err
		}
		data = append(data, msg.Data...)
		next = msg.Sequence + 1
	}
	return data, nil
}

// digest is a SHA-256 as an object's info has it.
func digest(sum []byte) string { return "SHA-256=" + base64.URLEncoding.EncodeToString(sum) }

func (s hubStore) remove(ctx context.Context, name string) {
	if name == "" {
		return
	}
	if err := s.purge(ctx, name); err != nil && ctx.Err() == nil {
		s.conn.opts.Warn(fmt.Errorf("cluster: %s stays there until it is too old: %w", name, err))
	}
}

// purge is the bucket's Delete without the marker that that leaves for watchers of the bucket, of whom there are none: one for every
// photo would fill the store.
func (s hubStore) purge(ctx context.Context, name string) error {
	info, err := s.bucket.GetInfo(ctx, name)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.meta(name))); err != nil {
		return err
	}
	return s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.chunks(info.NUID)))
}
