package contract_test

import (
	"testing"

	"github.com/segue-workflows/segue/shared/embedded"
	"github.com/segue-workflows/segue/test/contract"
)

func TestEmbeddedStore(t *testing.T) {
	contract.Store(t, func(t *testing.T) contract.StoreSubject {
		s := openFolder(t, t.TempDir())
		// The race detector and the disk make a full thousand each take minutes.
		return contract.StoreSubject{Store: s, Feed: s, Increments: 100}
	})
}

func openFolder(t *testing.T, dir string) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
