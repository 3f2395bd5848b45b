package cluster

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bucket is a place in an S3 bucket, as a job names it. The credentials are the worker's own.
type Bucket struct {
	Name         string `json:"name"`
	Prefix       string `json:"prefix,omitempty"`
	Endpoint     string `json:"endpoint,omitempty"` // URL of the server; "": Amazon's
	Region       string `json:"region,omitempty"`
	PathStyle    bool   `json:"path_style,omitempty"`
	CacheControl string `json:"cache_control,omitempty"`
}

// Store has photos, and outputs without an Upload, travel by a bucket, and not through the servers.
type Store struct {
	Bucket
	Place Place
}

// Place is an opened Bucket. An error that another attempt here would get as well is a *RefusedError.
type Place interface {
	// Put stores an object, with the SHA-256 of its data in hexadecimal, if that is known.
	Put(ctx context.Context, key string, data []byte, hash string) (etag string, err error)
	Has(ctx context.Context, key string, size int64, hash string) (bool, error)
	// Get returns an object's bytes; fs.ErrNotExist: there is none, or one of another size.
	Get(ctx context.Context, key string, size int64) ([]byte, error)
	Remove(ctx context.Context, key string) error
}

// RefusedError is a place's "no".
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

// place is a bucket that is waited for when it has troubles.
type place struct {
	Place
	patience
}

func newPlace(p Place, warn func(error)) *place {
	return &place{p, patience{what: "the bucket", warn: warn}}
}

// removeTime is how long a bucket is asked to remove an object that would be in nobody's way.
const removeTime = 3 * time.Second

// bucketStore is a folder in a bucket of [cluster] store.
type bucketStore struct {
	place  *place
	folder string
	warn   func(error)
}

func (p *place) stores(warn func(error)) stores {
	return stores{bucketStore{p, "sources/", warn}, bucketStore{p, "outputs/", warn}}
}

// key is an object's, whose name may be what a stranger wrote.
func (s bucketStore) key(name string) (string, error) {
	if strings.ContainsAny(name, "/\\") {
		return "", fmt.Errorf("%q is no object's name: %w", name, jetstream.ErrObjectNotFound)
	}
	return s.folder + name, nil
}

func (s bucketStore) put(ctx context.Context, name string, hash []byte, data []byte) error {
	key, err := s.key(name)
	if err != nil {
		return err
	}
	return s.place.patiently(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patienceFor(int64(len(data))))
		defer cancel()
		if hash != nil {
			if there, err := s.place.Has(ctx, key, int64(len(data)), hex.EncodeToString(hash)); err != nil || there {
				return err
			}
		}
		_, err := s.place.Put(ctx, key, data, hex.EncodeToString(hash))
		return err
	})
}

func (s bucketStore) get(ctx context.Context, name string, size int64) (data []byte, err error) {
	key, err := s.key(name)
	if err != nil {
		return nil, err
	}
	err = s.place.patiently(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patienceFor(size))
		defer cancel()
		data, err = s.place.Get(ctx, key, size)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: %w", err, jetstream.ErrObjectNotFound)
		}
		return err
	})
	return data, err
}

func (s bucketStore) remove(ctx context.Context, name string) {
	key, err := s.key(name)
	if name == "" || err != nil {
		return
	}
	within, cancel := context.WithTimeout(ctx, removeTime)
	defer cancel()
	if err := s.place.patiently(within, func(ctx context.Context) error { return s.place.Remove(ctx, key) }); err != nil && ctx.Err() == nil {
		s.warn(fmt.Errorf("cluster: %s stays in the bucket until a lifecycle rule removes it: %w", key, err))
	}
}
