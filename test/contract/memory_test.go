package contract_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/test/contract"
)

func TestMemoryStore(t *testing.T) {
	contract.Store(t, func(*testing.T) contract.StoreSubject {
		s := memory.NewStore(time.Now)
		return contract.StoreSubject{Store: s, Feed: s}
	})
}
