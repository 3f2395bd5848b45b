package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Upload says where outputs go as well. URL is "" for nowhere, or one that ParseBucket takes.
type Upload struct {
	URL          string
	CacheControl string

	ManifestCacheControl string // of what tells of outputs

	Parallel            int // 0: as many as suit
	Rate                int // files a second; 0: no limit
	MaxAttempts         int
	Backoff, MaxBackoff time.Duration
	Timeout             time.Duration
}

// Bucket is what an upload's URL says.
type Bucket struct {
	Name, Prefix string
	Endpoint     string // URL of the server; "": Amazon's
	Region       string // "": found out
	PathStyle    bool
}

func readUpload(t *table) Upload {
	defer t.done()
	u := Upload{
		URL:          t.text("url", ""),
		CacheControl: t.text("cache_control", "public, max-age=3600"),

		ManifestCacheControl: t.text("manifest_cache_control", "public, max-age=60"),

		Parallel:    int(t.whole("parallel", 0, 0, 1000)),
		Rate:        int(t.whole("rate", 0, 0, 1_000_000)),
		MaxAttempts: int(t.whole("max_attempts", 5, 1, 100)),
		Backoff:     t.duration("backoff", "1s", time.Millisecond),
		MaxBackoff:  t.duration("max_backoff", "30s", time.Millisecond),
		Timeout:     t.duration("timeout", "5m", time.Millisecond),
	}
	if u.Backoff > u.MaxBackoff {
		t.fail("backoff", "%s is longer than max_backoff (%s): write at most that", u.Backoff, u.MaxBackoff)
	}
	for key, value := range map[string]string{"cache_control": u.CacheControl, "manifest_cache_control": u.ManifestCacheControl} {
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.fail(key, "%q is no header's value: write one such as \"public, max-age=31536000, immutable\"", value)
		}
	}
	t.bucket("url", u.URL)
	return u
}

// bucket checks a bucket's address, or "".
func (t *table) bucket(key, text string) {
	if text == "" {
		return
	}
	if _, err := ParseBucket(text); err != nil {
		t.fail(key, "%v", err)
	}
}

// bucketName is S3's rule, with the upper case and underscores that old buckets have.
var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$`)

// ParseBucket reads "s3://bucket/prefix?endpoint=https://host:9000&region=eu-west-1&path_style=true". Its errors show no secret that
// somebody has written there.
func ParseBucket(text string) (Bucket, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" {
		return Bucket{}, fmt.Errorf(`is not a bucket's address: write "s3://bucket/prefix", with ?endpoint=https://host:9000 where it is not Amazon's`)
	}
	if u.User != nil {
		return Bucket{}, fmt.Errorf("has credentials in it: leave them out, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or write ~/.aws/credentials")
	}
	b := Bucket{Name: u.Host, Prefix: strings.Trim(u.Path, "/")}
	if !bucketName.MatchString(b.Name) {
		return Bucket{}, fmt.Errorf("%q is not a bucket's name: those have 3 to 63 letters, digits, . and -, as in s3://my-photos/prefix", b.Name)
	}
	for key, values := range u.Query() {
		value := values[len(values)-1]
		switch key {
		case "endpoint":
			server, err := url.Parse(value)
			if err != nil || server.Scheme != "http" && server.Scheme != "https" || server.Host == "" || strings.Trim(server.Path, "/") != "" || server.User != nil {
				return Bucket{}, fmt.Errorf("its endpoint is not a server's address: write one such as endpoint=https://host:9000")
			}
			b.Endpoint = server.Scheme + "://" + server.Host
		case "region":
			b.Region = value
		case "path_style":
			if value != "true" && value != "false" {
				return Bucket{}, fmt.Errorf("path_style=%s is neither true nor false", value)
			}
			b.PathStyle = value == "true"
		default:
			return Bucket{}, fmt.Errorf("%q is none of endpoint, region, path_style%s", key, meant(key, []string{"endpoint", "region", "path_style"}))
		}
	}
	return b, nil
}
