package cli

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"pixmill/internal/config"
	"pixmill/internal/delivery"
)

// bucket is where a config's uploads go; nil: nowhere.
func bucket(c config.Upload) (place, error) {
	if c.URL == "" {
		return nil, nil
	}
	b, err := config.ParseBucket(c.URL)
	if err != nil {
		return nil, err
	}
	place, err := delivery.NewBucket(delivery.BucketOptions{
		Name: b.Name, Prefix: b.Prefix, Endpoint: b.Endpoint, Region: b.Region, PathStyle: b.PathStyle, CacheControl: c.CacheControl,
	})
	if err != nil {
		return nil, keyError{"upload.url", err}
	}
	return place, nil
}

// bucketPort is where a bucket's address leads; 0: nowhere. With a proxy, it is the proxy's.
func bucketPort(address string) uint16 {
	b, err := config.ParseBucket(address)
	if err != nil {
		return 0
	}
	server, err := url.Parse(cmp.Or(b.Endpoint, "https://s3.amazonaws.com"))
	if err != nil {
		return 0
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: server}); err == nil && proxy != nil {
		server = proxy
	}
	port := server.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[server.Scheme]
	}
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}
