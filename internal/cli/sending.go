package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"pixmill/internal/cluster"
	"pixmill/internal/config"
	"pixmill/internal/delivery"
)

// sending is how a cluster's workers bring outputs to the config's bucket themselves; nil: there is none.
func sending(c config.Config) *cluster.Upload {
	b, err := config.ParseBucket(c.Upload.URL)
	if err != nil {
		return nil
	}
	return &cluster.Upload{
		Bucket: cluster.Bucket{Name: b.Name, Prefix: b.Prefix, Endpoint: b.Endpoint, Region: b.Region, PathStyle: b.PathStyle, CacheControl: c.Upload.CacheControl},
		Key:    func(path string) (string, error) { return uploadKey(c, path) },
	}
}

// senders are a worker's buckets: those that jobs name and its own config does not forbid.
type senders struct {
	own         *config.Bucket // nil: the config names none
	credentials *delivery.Credentials
	lacks       error // why there are no credentials
	timeout     time.Duration
}

// newSenders finds credentials, before the sandbox hides them.
func newSenders(c config.Upload) *senders {
	s := &senders{timeout: c.Timeout}
	s.credentials, s.lacks = delivery.FindCredentials()
	if b, err := config.ParseBucket(c.URL); err == nil {
		s.own = &b
	}
	return s
}

// port is where they connect to; 0: nowhere.
func (s *senders) port(c config.Upload) uint16 {
	if s.lacks != nil {
		return 0
	}
	if s.own == nil {
		c.URL = "s3://any"
	}
	return uploadPort(c)
}

// open is a worker's cluster.WorkerOptions.Open. Whoever puts jobs in names the bucket; that a worker sends its signature only where it should, its
// own config says.
func (s *senders) open(b cluster.Bucket) (cluster.Place, error) {
	place := &sender{timeout: s.timeout}
	server, err := url.Parse(b.Endpoint)
	switch {
	case s.lacks != nil:
		return nil, fmt.Errorf("outputs are to go to a bucket: %w", s.lacks)
	case err != nil:
		return nil, fmt.Errorf("the job's bucket: %w", err)
	case s.own != nil && (s.own.Name != b.Name || s.own.Prefix != b.Prefix || s.own.Endpoint != b.Endpoint):
		return nil, fmt.Errorf("outputs are to go to bucket %s, and its own upload.url names another one: let both name the same", b.Name)
	case s.own == nil && b.Endpoint != "" && (server.Scheme != "https" || server.Port() != "" && server.Port() != "443"):
		return nil, fmt.Errorf("outputs are to go to %s: set upload.url in the worker's own config, too; without it, workers write to https servers on port 443 only", b.Endpoint)
	}
	place.bucket, err = delivery.NewBucket(delivery.BucketOptions{Name: b.Name, Prefix: b.Prefix, Endpoint: b.Endpoint, Region: b.Region, PathStyle: b.PathStyle,
		CacheControl: b.CacheControl, Credentials: s.credentials})
	return place, err
}

// sender is one of them.
type sender struct {
	bucket  *delivery.Bucket
	timeout time.Duration
}

// Put implements cluster.Place.
func (s *sender) Put(ctx context.Context, key string, data []byte, hash string) (etag string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	o, err := s.bucket.Put(ctx, delivery.Object{Path: key, Size: int64(len(data)), Hash: hash}, bytes.NewReader(data))
	var refused *delivery.RefusedError
	if errors.As(err, &refused) {
		err = &cluster.RefusedError{Err: err}
	}
	return o.ETag, err
}
