package delivery

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync/atomic"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// BucketOptions name a place in an S3 bucket. Name is needed.
type BucketOptions struct {
	Name         string
	Prefix       string       // of every object's key; "" or a path without slashes around it
	Endpoint     string       // URL of the server; "": Amazon's
	Region       string       // "": found out
	PathStyle    bool         // the bucket is in the path, not in the host's name, wherever the server is
	CacheControl string       // header of every object; "": none
	Credentials  *Credentials // nil: FindCredentials'
}

// Credentials are what a server wants to know of who writes.
type Credentials = credentials.Credentials

// Bucket is a place in an S3 bucket. Everything may be called concurrently.
type Bucket struct {
	client *minio.Core
	opts   BucketOptions
	locked atomic.Bool // the server wants MD5s
}

// Object is a file as it is to be, or is, in a bucket.
type Object struct {
	Path string // below the prefix
	Size int64
	Hash string // hexadecimal SHA-256
	ETag string // the server's own digest

	CacheControl string // header of this one; "": the bucket's
}

// amazon is where buckets are that name no endpoint.
const amazon = "https://s3.amazonaws.com"

// hashKey is the metadata that keeps an object's hash.
const hashKey = "Sha256"

// FindCredentials returns those of the environment (AWS_ACCESS_KEY_ID …) or of AWS's files (~/.aws/credentials, AWS_PROFILE). It reads what
// a bucket takes of files, so that one can be made later, where they are out of reach.
func FindCredentials() (*Credentials, error) {
	creds := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}})
	v, err := creds.GetWithContext(nil)
	if err != nil || v.AccessKeyID == "" || v.SecretAccessKey == "" {
		return nil, errors.New("there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them into ~/.aws/credentials (AWS_PROFILE names a profile)")
	}
	if _, err := x509.SystemCertPool(); err != nil { // kept for later
		return nil, err
	}
	return creds, nil
}

// NewBucket returns a bucket. Nothing is asked of the server yet.
func NewBucket(o BucketOptions) (*Bucket, error) {
	if o.Endpoint == "" {
		o.Endpoint = amazon
	}
	server, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, err
	}
	if o.Credentials == nil {
		if o.Credentials, err = FindCredentials(); err != nil {
			return nil, err
		}
	}
	lookup := minio.BucketLookupAuto
	if o.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.NewCore(server.Host, &minio.Options{
		Creds:        o.Credentials,
		Secure:       server.Scheme == "https",
		Region:       o.Region,
		BucketLookup: lookup,
		MaxRetries:   1, // a Queue's attempts are enough
	})
	if err != nil {
		return nil, err
	}
	return &Bucket{client: client, opts: o}, nil
}

// Put writes an object, at once: 5 GiB are enough for one photo. It returns it with its ETag. The server holds what arrives against its hash, which
// is part of the signature; a bucket with Object Lock wants an MD5 as well. An object without a hash is taken as it comes.
func (b *Bucket) Put(ctx context.Context, o Object, file io.ReadSeeker) (Object, error) {
	opts := minio.PutObjectOptions{
		ContentType:          contentType(o.Path),
		CacheControl:         cmp.Or(o.CacheControl, b.opts.CacheControl),
		DisableContentSha256: true, // of pieces
	}
	if o.Hash != "" {
		opts.UserMetadata = map[string]string{hashKey: o.Hash}
	}
	for {
		sum, locked := "", b.locked.Load()
		if locked {
			h := md5.New()
			if _, err := file.Seek(0, io.SeekStart); err != nil {
				return o, err
			}
			if _, err := io.Copy(h, file); err != nil {
				return o, err
			}
			sum = base64.StdEncoding.EncodeToString(h.Sum(nil))
		}
		info, err := b.client.PutObject(ctx, b.opts.Name, b.key(o), file, o.Size, sum, o.Hash, opts)
		if err == nil {
			o.ETag = info.ETag
			return o, nil
		}
		answer := minio.ToErrorResponse(err)
		if locked || answer.Code != "InvalidRequest" || !strings.Contains(answer.Message, "Content-MD5") {
			return o, b.fault(err)
		}
		b.locked.Store(true)
	}
}

// Open returns an object's bytes; fs.ErrNotExist: there is none, or one of another size.
func (b *Bucket) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	body, info, _, err := b.client.GetObject(ctx, b.opts.Name, b.key(o), minio.GetObjectOptions{})
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, fmt.Errorf("%s: %s: %w", b, o.Path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, b.fault(err)
	}
	if info.Size != o.Size {
		body.Close()
		return nil, fmt.Errorf("%s: %s has %d bytes, not %d: %w", b, o.Path, info.Size, o.Size, fs.ErrNotExist)
	}
	return body, nil
}

// Has reports whether an object is there as it is to be, and its ETag.
func (b *Bucket) Has(ctx context.Context, o Object) (Object, bool, error) {
	info, err := b.client.StatObject(ctx, b.opts.Name, b.key(o), minio.StatObjectOptions{})
	if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
		return o, false, nil
	}
	if err != nil {
		return o, false, b.fault(err)
	}
	o.ETag = info.ETag
	return o, info.Size == o.Size && info.UserMetadata[hashKey] == o.Hash, nil
}

// Delete removes an object; one that is not there is removed already.
func (b *Bucket) Delete(ctx context.Context, o Object) error {
	err := b.client.RemoveObject(ctx, b.opts.Name, b.key(o), minio.RemoveObjectOptions{})
	if err == nil || minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil
	}
	return b.fault(err)
}

func (b *Bucket) key(o Object) string { return path.Join(b.opts.Prefix, o.Path) }

// String names the place, without anything secret, and tells it from every other one.
func (b *Bucket) String() string {
	place := path.Join(b.opts.Name, b.opts.Prefix)
	if b.opts.Endpoint == amazon {
		return "s3://" + place
	}
	return b.opts.Endpoint + "/" + place
}

// RefusedError is a server's "no", which another attempt would get as well.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

// fault says what a server's answer means. What has no answer may pass, as may what the server itself calls its own fault.
func (b *Bucket) fault(err error) error {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return fmt.Errorf("%s: %w", b, err)
	}
	err = fmt.Errorf("%s: %s: %s", b, answer.Code, strings.TrimRight(answer.Message, " .\n"))
	code := answer.StatusCode
	if code >= 500 || code < 400 || code == http.StatusRequestTimeout || code == http.StatusTooManyRequests {
		return err
	}
	return &RefusedError{err}
}

// contentType is a file's by its extension; what the system's own table says is not asked, so that it is the same everywhere.
func contentType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	case ".json":
		return "application/json"
	case ".html":
		return "text/html; charset=utf-8"
	}
	return "application/octet-stream"
}
