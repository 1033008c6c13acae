package main

import "testing"

// TestSharesFitIntoTheAccount: whatever it grants, the batches at once and a tenth for the API fit, and no queue gets
// fewer than the two that Lambda takes.
func TestSharesFitIntoTheAccount(t *testing.T) {
	for account := leastAccount; account < 300; account++ {
		all := 0
		for _, batches := range []int{deadLetterRate, functions[1].batches, functions[2].batches, functions[3].batches, functions[4].batches} {
			n := share(batches, account)
			if all += n; n < 2 || n > batches {
				t.Errorf("account %d: %d of %d batches", account, n, batches)
			}
		}
		if all+account/10 > account {
			t.Errorf("account %d: %d batches at once", account, all)
		}
	}
	if share(100, 0) != 100 || share(100, 1000) != 100 {
		t.Error("an account with room changes nothing")
	}
}
