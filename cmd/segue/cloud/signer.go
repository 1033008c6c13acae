package cloud

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// service is the name of API Gateway's data plane in signatures.
const service = "execute-api"

// maxBody is what API Gateway takes.
const maxBody = 10 << 20

// ErrTooLarge refuses a body that the API would not take.
var ErrTooLarge = errors.New("the body is larger than the 10 MB that the API takes")

// Signer sends requests with the signature of a caller.
type Signer struct {
	Region      string
	Credentials aws.CredentialsProvider
	Now         func() time.Time
	Next        http.RoundTripper
}

// NewSigner returns a Signer with the caller's own credentials, wherever AWS's tools would find them.
func NewSigner(ctx context.Context, d *Deployment, now func() time.Time) (*Signer, error) {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("find AWS credentials: %w", err)
	}
	region := d.Region
	if region == "" {
		region = settings.Region
	}
	if region == "" {
		return nil, fmt.Errorf("the address of %s does not tell its region: set AWS_REGION", d.Stage)
	}
	return &Signer{Region: region, Credentials: settings.Credentials, Now: now, Next: http.DefaultTransport}, nil
}

// RoundTrip signs a copy of the request and sends it.
func (s *Signer) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := readBody(request)
	if err != nil {
		return nil, err
	}
	who, err := s.Credentials.Retrieve(request.Context())
	if err != nil {
		return nil, fmt.Errorf("find AWS credentials: %w", err)
	}
	signed := request.Clone(request.Context())
	signed.Body, signed.ContentLength, signed.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	if len(body) == 0 {
		signed.Body = http.NoBody
	}
	if err := s.sign(signed, body, who); err != nil {
		return nil, err
	}
	return s.Next.RoundTrip(signed)
}

// sign puts the signature into the headers. It covers the method, the address, the host and the body, and no other
// header: one that somebody on the way adds or rewrites would spoil it.
func (s *Signer) sign(request *http.Request, body []byte, who aws.Credentials) error {
	bare := request.Clone(request.Context())
	bare.Header = http.Header{}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(request.Context(), who, bare, hex.EncodeToString(sum[:]), service, s.Region, s.Now()); err != nil {
		return fmt.Errorf("sign the request: %w", err)
	}
	request.Header.Del("X-Amz-Security-Token")
	for name, values := range bare.Header {
		request.Header[name] = values
	}
	return nil
}

func readBody(request *http.Request) ([]byte, error) {
	if request.Body == nil {
		return nil, nil
	}
	defer func() { _ = request.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(request.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, ErrTooLarge
	}
	return body, nil
}
