// Package cloudtest stands in for the gate in front of a deployment: it checks signatures as AWS documents them,
// with arithmetic of its own, so that the signer is tested against the contract and not against itself.
//
// It imports the standard library only, and is for tests.
package cloudtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Gate lets requests through that its one user signed within five minutes of its clock.
type Gate struct {
	Key, Secret, Session string
	Region               string
	Now                  func() time.Time
	Next                 http.Handler
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/execute-api/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$`)

// ServeHTTP answers 403 to a request that is not signed well.
func (g Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := g.check(r); err != nil {
		http.Error(w, fmt.Sprintf(`{"message":%q}`, err.Error()), http.StatusForbidden)
		return
	}
	g.Next.ServeHTTP(w, r)
}

func (g Gate) check(r *http.Request) error {
	parts := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if parts == nil {
		return fmt.Errorf("missing authentication token")
	}
	key, day, region, signed, signature := parts[1], parts[2], parts[3], strings.Split(parts[4], ";"), parts[5]
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	switch {
	case key != g.Key || region != g.Region || r.Header.Get("X-Amz-Security-Token") != g.Session:
		return fmt.Errorf("the security token is invalid")
	case err != nil || !strings.HasPrefix(stamp, day) || at.Sub(g.Now()).Abs() > 5*time.Minute:
		return fmt.Errorf("signature expired")
	case !slices.Contains(signed, "host") || !slices.Contains(signed, "x-amz-date") || !slices.IsSorted(signed):
		return fmt.Errorf("host and date must be signed")
	}
	canonical, err := canonicalOf(r, signed)
	if err != nil {
		return err
	}
	scope := day + "/" + region + "/execute-api/aws4_request"
	secret := []byte("AWS4" + g.Secret)
	for _, part := range strings.Split(scope, "/") {
		secret = mac(secret, part)
	}
	want := hex.EncodeToString(mac(secret, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hash([]byte(canonical))))
	if !hmac.Equal([]byte(want), []byte(signature)) {
		return fmt.Errorf("the request signature does not match")
	}
	return nil
}

// canonicalOf is the form of a request that is signed; the path is escaped once more than it was sent.
func canonicalOf(r *http.Request, signed []string) (string, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var headers strings.Builder
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	segments := strings.Split(r.URL.EscapedPath(), "/")
	for i, segment := range segments {
		segments[i] = escape(segment)
	}
	return strings.Join([]string{r.Method, strings.Join(segments, "/"), queryOf(r.URL.Query()), headers.String(),
		strings.Join(signed, ";"), hash(body)}, "\n"), nil
}

func queryOf(values url.Values) string {
	var pairs []string
	for name, list := range values {
		for _, value := range list {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape leaves only what RFC 3986 calls unreserved.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
