package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"pixmill/internal/cluster"
	"pixmill/internal/config"
	"pixmill/internal/delivery"
)

// bucketOf is a bucket as jobs name it.
func bucketOf(b config.Bucket, cacheControl string) cluster.Bucket {
	return cluster.Bucket{Name: b.Name, Prefix: b.Prefix, Endpoint: b.Endpoint, Region: b.Region, PathStyle: b.PathStyle, CacheControl: cacheControl}
}

// sending is how a cluster's workers bring outputs to the config's bucket themselves; nil: there is none.
func sending(c config.Config) *cluster.Upload {
	b, err := config.ParseBucket(c.Upload.URL)
	if err != nil {
		return nil
	}
	return &cluster.Upload{Bucket: bucketOf(b, c.Upload.CacheControl), Key: func(path string) (string, error) { return uploadKey(c, path) }}
}

// carrying is the bucket by which bytes travel; nil: there is none.
func carrying(c config.Config) (*cluster.Store, error) {
	if c.Cluster.Store == "" {
		return nil, nil
	}
	b, err := config.ParseBucket(c.Cluster.Store)
	if err != nil {
		return nil, err
	}
	s := &cluster.Store{Bucket: bucketOf(b, "")}
	if s.Place, err = openSender(s.Bucket, nil, c.Upload.Timeout); err != nil {
		return nil, fmt.Errorf("cluster.store: %w", err)
	}
	return s, nil
}

// senders are a worker's buckets: those that jobs name and its own config does not forbid.
type senders struct {
	own         []config.Bucket // that the config names; none: any
	credentials *delivery.Credentials
	lacks       error // why there are no credentials
	timeout     time.Duration
}

// newSenders finds credentials, before the sandbox hides them.
func newSenders(c config.Config) *senders {
	s := &senders{timeout: c.Upload.Timeout}
	s.credentials, s.lacks = delivery.FindCredentials()
	for _, address := range addressesOf(c) {
		if b, err := config.ParseBucket(address); err == nil {
			s.own = append(s.own, b)
		}
	}
	return s
}

func addressesOf(c config.Config) []string {
	return slices.DeleteFunc([]string{c.Upload.URL, c.Cluster.Store}, func(s string) bool { return s == "" })
}

// ports are where they connect to.
func (s *senders) ports(c config.Config) (all []uint16) {
	if s.lacks != nil {
		return nil
	}
	addresses := addressesOf(c)
	if len(addresses) == 0 {
		addresses = []string{"s3://any"}
	}
	for _, address := range addresses {
		if port := bucketPort(address); port != 0 {
			all = append(all, port)
		}
	}
	return all
}

// open is a worker's cluster.WorkerOptions.Open. Whoever puts jobs in names the bucket; that a worker sends its signature only where it should, its
// own config says.
func (s *senders) open(b cluster.Bucket) (cluster.Place, error) {
	server, err := url.Parse(b.Endpoint)
	switch {
	case s.lacks != nil:
		return nil, fmt.Errorf("the job names a bucket: %w", s.lacks)
	case err != nil:
		return nil, fmt.Errorf("the job's bucket: %w", err)
	case len(s.own) > 0 && !slices.ContainsFunc(s.own, func(own config.Bucket) bool {
		return own.Name == b.Name && own.Prefix == b.Prefix && own.Endpoint == b.Endpoint
	}):
		return nil, fmt.Errorf("the job names bucket %s, and its own upload.url and cluster.store do not: let both sides name the same", b.Name)
	case len(s.own) == 0 && b.Endpoint != "" && (server.Scheme != "https" || server.Port() != "" && server.Port() != "443"):
		return nil, fmt.Errorf("the job names a bucket at %s: set upload.url or cluster.store in the worker's own config, too; without them, workers go to https servers on port 443 only", b.Endpoint)
	}
	return openSender(b, s.credentials, s.timeout)
}

// openSender opens a bucket with credentials; nil: those that are found.
func openSender(b cluster.Bucket, c *delivery.Credentials, timeout time.Duration) (*sender, error) {
	bucket, err := delivery.NewBucket(delivery.BucketOptions{Name: b.Name, Prefix: b.Prefix, Endpoint: b.Endpoint, Region: b.Region, PathStyle: b.PathStyle,
		CacheControl: b.CacheControl, Credentials: c})
	return &sender{bucket, timeout}, err
}

// sender is a cluster.Place.
type sender struct {
	bucket  *delivery.Bucket
	timeout time.Duration
}

// Put implements cluster.Place.
func (s *sender) Put(ctx context.Context, key string, data []byte, hash string) (etag string, err error) {
	err = s.ask(ctx, func(ctx context.Context) error {
		o, err := s.bucket.Put(ctx, delivery.Object{Path: key, Size: int64(len(data)), Hash: hash}, bytes.NewReader(data))
		etag = o.ETag
		return err
	})
	return etag, err
}

// Has implements cluster.Place.
func (s *sender) Has(ctx context.Context, key string, size int64, hash string) (there bool, err error) {
	err = s.ask(ctx, func(ctx context.Context) error {
		_, there, err = s.bucket.Has(ctx, delivery.Object{Path: key, Size: size, Hash: hash})
		return err
	})
	return there, err
}

// Get implements cluster.Place.
func (s *sender) Get(ctx context.Context, key string, size int64) (data []byte, err error) {
	err = s.ask(ctx, func(ctx context.Context) error {
		body, err := s.bucket.Open(ctx, delivery.Object{Path: key, Size: size})
		if err != nil {
			return err
		}
		defer body.Close()
		data = make([]byte, size)
		_, err = io.ReadFull(body, data)
		return err
	})
	return data, err
}

// Remove implements cluster.Place.
func (s *sender) Remove(ctx context.Context, key string) error {
	return s.ask(ctx, func(ctx context.Context) error { return s.bucket.Delete(ctx, delivery.Object{Path: key}) })
}

// ask limits the time of a request, and says what is no use to try again.
func (s *sender) ask(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err := request(ctx)
	var refused *delivery.RefusedError
	if errors.As(err, &refused) {
		err = &cluster.RefusedError{Err: err}
	}
	return err
}
