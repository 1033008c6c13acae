package event

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Lines writes each event as a line of JSON, to a file or to the terminal.
type Lines struct {
	Out   io.Writer
	Cloud bool // in the envelope of CloudEvents
}

// Publish writes the events, and makes them durable when Out is a file.
func (l *Lines) Publish(_ context.Context, events []*Event) error {
	var text bytes.Buffer
	for _, e := range events {
		line, err := Encode(e, l.Cloud)
		if err != nil {
			return err
		}
		text.Write(line)
		text.WriteByte('\n')
	}
	if _, err := l.Out.Write(text.Bytes()); err != nil {
		return err
	}
	if file, ok := l.Out.(interface{ Sync() error }); ok {
		_ = file.Sync() // a terminal has nothing to sync
	}
	return nil
}

// Headers of a webhook's request.
const (
	HeaderSignature = "X-Segue-Signature" // "sha256=" and the HMAC of "<timestamp>.<body>" in hex
	HeaderTimestamp = "X-Segue-Timestamp" // epoch seconds, so that a receiver can refuse what is old
	HeaderID        = "X-Segue-Event-Id"
)

// Webhook posts each event to one address. Whoever runs the server names it.
type Webhook struct {
	URL    string
	Secret string // of the signature; "": no signature
	Client *http.Client
	Now    func() time.Time
	Cloud  bool
}

// Publish posts the events one by one; an answer other than 2xx ends it with an error, and they come again.
func (w *Webhook) Publish(ctx context.Context, events []*Event) error {
	for _, e := range events {
		if err := w.post(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (w *Webhook) post(ctx context.Context, e *Event) error {
	body, err := Encode(e, w.Cloud)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(w.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	if w.Cloud {
		request.Header.Set("Content-Type", "application/cloudevents+json")
	}
	request.Header.Set(HeaderTimestamp, stamp)
	request.Header.Set(HeaderID, e.ID())
	if w.Secret != "" {
		request.Header.Set(HeaderSignature, Sign(w.Secret, stamp, body))
	}
	answer, err := w.Client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %d", answer.StatusCode)
	}
	return nil
}

// Sign returns the signature of a webhook's request.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
