package httpstep

import "testing"

// TestPinned63AllowedURLs differs from the reference in one case: it takes credentials in a URL, where they would be on
// record.
func TestPinned63AllowedURLs(t *testing.T) {
	allowed, err := ParseAllowed([]string{"example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]bool{
		"HTTPS://EXAMPLE.COM": true, "http://example.com": true,
		"http://user:p@example.com": false, "http://sub.example.com": false, "http://169.254.169.254/": false, "file:///etc/passwd": false,
	} {
		if _, err := allowed.parse(url); (err == nil) != want {
			t.Errorf("%s: %v, want it allowed: %t", url, err, want)
		}
	}
}
