package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDashboard(t *testing.T) {
	const token = `token = "0123456789abcdef"` + "\n"
	for _, c := range []struct{ name, text, complaint string }{
		{"off", `listen = ""`, ""},
		{"loopback", `listen = "localhost:1"`, ""},
		{"loopback of IPv6", `listen = "[::1]:8420"`, ""},
		{"others, with a token", token + `listen = ":8420"`, ""},
		{"others", `listen = ":8420"`, "can be reached from other machines: write a token too"},
		{"one address of this machine", `listen = "192.168.1.2:8420"`, "can be reached from other machines"},
		{"a name", `listen = "nas.lan:8420"`, "can be reached from other machines"},
		{"no port", `listen = "127.0.0.1"`, "is not an address: write host:port"},
		{"port 0", `listen = "127.0.0.1:0"`, "is not an address"},
		{"a short token", `token = "secret"`, "has 6 characters: write at least 16"},
		{"half of TLS", `tls_cert = "cert.pem"`, "goes with tls_key"},
		{"unknown", `lisen = ""`, "did you mean listen?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("config.toml", "[dashboard]\n"+c.text)
			switch {
			case c.complaint == "" && err != nil:
				t.Error(err)
			case c.complaint != "" && (err == nil || !strings.Contains(err.Error(), c.complaint) || !strings.HasPrefix(err.Error(), "config.toml:")):
				t.Errorf("%v, want a line and %q", err, c.complaint)
			}
		})
	}
	c, err := Parse("/photos/config.toml", "[dashboard]\ntls_cert = \"cert.pem\"\ntls_key = \"/etc/key.pem\"\n")
	if err != nil || slashed(c.Dashboard.TLSCert) != "/photos/cert.pem" || slashed(c.Dashboard.TLSKey) != "/etc/key.pem" {
		t.Errorf("%+v, %v", c.Dashboard, err)
	}
}

func TestSettingsSayWhereFrom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	text := "widths = [100, 200]\nquality = { jpeg = 70 }\n[dashboard]\ntoken = \"0123456789abcdef\"\n[cluster]\nurl = \"nats://s3cret@hub:4222\"\n[[variant]]\nname = \"large\"\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := Settings(file, Overrides{Workers: 3, Output: "out"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Setting{
		{"inbox", `"inbox"`, "default"},
		{"output", `"out"`, "--output"},
		{"widths", "[100, 200]", "config.toml:1"},
		{"quality.jpeg", "70", "config.toml:2"},
		{"pool.workers", "3", "--workers"},
		{"limits.pixels", "150000000", "default"},
		{"dashboard.token", "(set, not shown)", "config.toml:4"},
		{"cluster.url", "(set, not shown)", "config.toml:6"},
		{"variant[1].name", `"large"`, "config.toml:8"},
	} {
		if !slices.Contains(all, want) {
			t.Errorf("%+v is not among %+v", want, all)
		}
	}
	if strings.Contains(strings.Join(keys(all), " "), "quality ") {
		t.Errorf("quality is given by format, and has its default beside: %q", keys(all))
	}
	if first, last := all[0], all[len(all)-1]; first.Key != "inbox" || last.Key != "variant[1].name" {
		t.Errorf("the order is %q", keys(all))
	}
	defaults, err := Settings(filepath.Join(t.TempDir(), "config.toml"), Overrides{})
	if err != nil || slices.ContainsFunc(defaults, func(s Setting) bool { return s.From != "default" }) {
		t.Errorf("%+v, %v", defaults, err)
	}
}

func keys(all []Setting) []string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Key
	}
	return names
}
