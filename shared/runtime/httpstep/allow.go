package httpstep

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Allowed is what the deployment lets Http steps reach. The zero value is nothing.
type Allowed struct {
	hosts    map[string]bool // "host" or "host:port", lower case
	prefixes []netip.Prefix  // of addresses outside the public internet that may be connected to
}

// localhost is the one name that implies addresses.
const localhost = "localhost"

// maxAllowed bounds the list.
const maxAllowed = 1000

// ParseAllowed reads a list of entries: a host name or an IP address, each with or without a port, or a prefix of
// addresses such as 10.1.0.0/16. Names and addresses are what the host of a URL may be; addresses and prefixes are
// what a name may resolve to though it is not public. It returns CodeInvalid for anything else.
func ParseAllowed(entries []string) (Allowed, error) {
	out := Allowed{hosts: map[string]bool{}}
	if len(entries) > maxAllowed {
		return out, workflow.Errorf(workflow.CodeInvalid, "the list of hosts for Http steps has %d entries; the limit is %d", len(entries), maxAllowed)
	}
	for _, entry := range entries {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "" {
			continue
		}
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			out.prefixes = append(out.prefixes, prefix.Masked())
			continue
		}
		host, port := entry, ""
		if ip, err := netip.ParseAddr(entry); err != nil || !ip.IsValid() {
			if h, p, err := net.SplitHostPort(entry); err == nil && number(p) {
				host, port = h, p
			}
		}
		if ip, err := netip.ParseAddr(host); err == nil {
			host = ip.String()
			out.prefixes = append(out.prefixes, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
		} else if strings.ContainsAny(host, ":/@*?# \\[]%") || host == "" {
			return out, workflow.Errorf(workflow.CodeInvalid, "%q is no host for Http steps: want a name such as api.example.com, an IP address, either with a port if only that is meant, or a prefix such as 10.1.0.0/16", entry)
		}
		out.hosts[joined(host, port)] = true
	}
	return out, nil
}

// number tells whether a text is a port.
func number(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

func joined(host, port string) string {
	if port == "" {
		return host
	}
	return net.JoinHostPort(host, port)
}

// host tells whether a URL may name the host. Subdomains and other spellings of an address are not implied.
func (a Allowed) host(host, port string) bool {
	host = strings.ToLower(host)
	return a.hosts[host] || a.hosts[net.JoinHostPort(host, port)]
}

// address tells whether a connection may be made to ip on behalf of host.
func (a Allowed) address(host string, ip netip.Addr) bool {
	ip = ip.Unmap()
	if public(ip) {
		return true
	}
	if ip.IsLoopback() && strings.EqualFold(host, localhost) {
		return true
	}
	for _, prefix := range a.prefixes {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// public tells whether an address is one of the public internet. For IPv6 that is global unicast without the parts
// that carry IPv4 addresses inside or lead nowhere; so mapped, compatible, NAT64, link-local and unique local
// addresses are refused without being named.
func public(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" {
		return false
	}
	refused := refused4
	if ip.Is6() {
		if !global6.Contains(ip) {
			return false
		}
		refused = refused6
	}
	for _, prefix := range refused {
		if prefix.Contains(ip) {
			return false
		}
	}
	return true
}

var global6 = netip.MustParsePrefix("2000::/3")

var refused4 = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // shared by carriers; some clouds have their metadata here
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // a cloud's host agent, at a public address
	"169.254.0.0/16",   // link-local: metadata and container credentials
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // relays of 6to4
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
)

var refused6 = prefixes(
	"2001::/23",     // protocol assignments, among them Teredo
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"3fff::/20",     // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}
