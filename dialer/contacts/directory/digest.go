package directory

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/icholy/digest"
)

// digestLogin is the login by a digest of the secret (RFC 7616), with a server that asks
// for it: some take nothing else.
type digestLogin struct {
	challenge *digest.Challenge
	count     int // how many questions were signed by it
}

// sign says who asks; false where no server has wanted a digest.
func (d *digestLogin) sign(req *http.Request, user, secret, body string) bool {
	if d.challenge == nil {
		return false
	}
	d.count++
	by, err := digest.Digest(d.challenge, digest.Options{
		Method: req.Method, URI: req.URL.RequestURI(), Count: d.count, Username: user, Password: secret,
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil },
	})
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", by.String())
	return true
}

// challenged reports whether a refusal asks for a digest that was not given yet. Only a
// challenge that says that the last one is too old is another one.
func (d *digestLogin) challenged(refusal http.Header) bool {
	for _, line := range refusal.Values("Www-Authenticate") {
		i := strings.Index(strings.ToLower(line), "digest ")
		if i < 0 {
			continue
		}
		c, err := digest.ParseChallenge(line[i:])
		if err != nil {
			continue
		}
		for i, q := range c.QOP {
			c.QOP[i] = strings.TrimSpace(q)
		}
		if !digest.CanDigest(c) || c.Nonce == "" || d.challenge != nil && !c.Stale {
			continue
		}
		d.challenge, d.count = c, 0
		return true
	}
	return false
}

// offer asks a server once who one is to be, before it is told the secret in clear: where
// it takes a digest it gets no more than that.
func (c *dav) offer(ctx context.Context) {
	req, err := http.NewRequestWithContext(ctx, "PROPFIND", c.at.String(), strings.NewReader(askHome))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/xml; charset=utf-8")
	req.Header.Set("Depth", "0")
	answer, err := c.http.RoundTrip(req)
	if err != nil {
		return // the next question says it
	}
	_ = answer.Body.Close()
	if answer.StatusCode == http.StatusUnauthorized {
		c.login.challenged(answer.Header)
	}
}
