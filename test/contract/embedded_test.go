package contract_test

import (
	"os"
	"testing"

	"github.com/segue-workflows/segue/shared/embedded"
	"github.com/segue-workflows/segue/test/contract"
)

func TestEmbeddedStore(t *testing.T) {
	contract.Store(t, func(t *testing.T) contract.StoreSubject {
		s := openFolder(t, t.TempDir())
		return contract.StoreSubject{Store: s, Feed: s, Increments: increments(100)}
	})
}

// increments returns how often each writer adds one: few where each one costs an fsync or a network
// call, the full thousand when SEGUE_CONTRACT_FULL asks for it.
func increments(few int) int {
	if os.Getenv("SEGUE_CONTRACT_FULL") != "" {
		return 1_000
	}
	return few
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
