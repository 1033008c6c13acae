package token

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// KeyBytes is the length of the key: that of the hash.
const KeyBytes = sha256.Size

// MaxLength bounds the text of a token: the ids in it are bounded too.
const MaxLength = 2048

// version begins every token, so that another form can follow.
const version = "s1."

// Mint makes and checks tokens with the key of the deployment. The first use loads the key, or makes it.
type Mint struct {
	Store   store.Store
	Entropy func([]byte) error // fills it with random bytes: of the first key that a deployment ever has

	mu  sync.Mutex
	key []byte
}

// Holder is whom a token is for.
type Holder struct {
	Attempt workflow.AttemptKey
	UUID    string // of the attempt: another workflow of the same id has others
}

// claims is the holder in a token.
type claims struct {
	Workflow workflow.ID     `json:"w"`
	Instance int64           `json:"i"`
	Run      int64           `json:"r"`
	Step     workflow.StepID `json:"s"`
	Attempt  int64           `json:"a"`
	UUID     string          `json:"u"`
}

// errRefused tells nothing of why.
var errRefused = workflow.Errorf(workflow.CodeDenied, "the token is not one of this deployment")

// Sign returns the token of an attempt; the same one each time. It returns CodeUnavailable when the key cannot be loaded.
func (m *Mint) Sign(ctx context.Context, h Holder) (string, error) {
	key, err := m.load(ctx)
	if err != nil {
		return "", err
	}
	a := h.Attempt
	body := record.Encode(claims{a.Workflow, a.Instance, a.Run, a.Step, a.Attempt, h.UUID})
	text := version + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(seal(key, text)), nil
}

// Parse returns whom a token is for. It returns CodeDenied for anything that Sign did not make, and CodeUnavailable
// when the key cannot be loaded.
func (m *Mint) Parse(ctx context.Context, text string) (Holder, error) {
	dot := strings.LastIndexByte(text, '.')
	if len(text) > MaxLength || !strings.HasPrefix(text, version) || dot < len(version) {
		return Holder{}, errRefused
	}
	given, err := base64.RawURLEncoding.Strict().DecodeString(text[dot+1:])
	if err != nil {
		return Holder{}, errRefused
	}
	key, err := m.load(ctx)
	if err != nil {
		return Holder{}, err
	}
	// Nothing in a token is read before its seal is known to be ours.
	if !hmac.Equal(given, seal(key, text[:dot])) {
		return Holder{}, errRefused
	}
	body, err := base64.RawURLEncoding.DecodeString(text[len(version):dot])
	var c claims
	if err != nil || json.Unmarshal(body, &c) != nil {
		return Holder{}, errRefused
	}
	run := workflow.RunKey{Workflow: c.Workflow, Instance: c.Instance, Run: c.Run}
	return Holder{Attempt: workflow.AttemptKey{RunKey: run, Step: c.Step, Attempt: c.Attempt}, UUID: c.UUID}, nil
}

func seal(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// load returns the key. Of several processes that make the first one, the first to put it wins.
func (m *Mint) load(ctx context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.key == nil {
		items, err := m.Store.Get(ctx, store.Fresh, record.TokenKey())
		if err != nil {
			return nil, unavailable(err)
		}
		if items[0].Rev != 0 {
			found, err := record.Decode[stored]("key of the tokens", items[0].Body)
			if err != nil {
				return nil, err
			}
			if len(found.Key) != KeyBytes {
				return nil, workflow.Errorf(workflow.CodeInternal, "the key of the tokens has %d bytes", len(found.Key))
			}
			m.key = found.Key
			break
		}
		if err := m.make(ctx); err != nil {
			return nil, err
		}
	}
	return m.key, nil
}

// stored is the item with the key.
type stored struct {
	Key []byte `json:"k"`
}

func (m *Mint) make(ctx context.Context) error {
	fresh := make([]byte, KeyBytes)
	if err := m.Entropy(fresh); err != nil {
		return workflow.Errorf(workflow.CodeInternal, "no random bytes: %w", err)
	}
	err := m.Store.Put(ctx, store.Write{Item: store.Item{Key: record.TokenKey(), Body: record.Encode(stored{fresh})}, If: store.Absent})
	if errors.Is(err, store.ErrGuard) {
		return nil // somebody else made one: it is read next
	}
	return unavailable(err)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Text: "the store did not answer", Cause: err}
}
