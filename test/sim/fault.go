package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Port is a kind of call with which an invocation leaves the engine.
type Port uint8

// The ports.
const (
	PortGet Port = iota
	PortList
	PortPut
	PortSend
	PortSleep
	PortStart
	PortExecute
	PortTerminate
	portCount
)

var portNames = [portCount]string{"get", "list", "put", "send", "sleep", "start", "execute", "terminate"}

func (p Port) String() string { return portNames[p] }

// Fault is a kind of trouble.
type Fault uint8

// The faults.
const (
	CrashBefore    Fault = iota // the invocation dies right before the call
	CrashAfter                  // the call took effect, and the invocation dies
	Throttled                   // the call is refused
	Unavailable                 // the call fails, and nothing happened
	LostAnswer                  // the call fails although it took effect
	Stall                       // the call takes long; an invocation that is over its time is killed
	StaleRead                   // an eventually consistent read sees the past
	Duplicate                   // a message arrives twice
	Delay                       // a message arrives late
	Lose                        // a message never arrives
	UserErrors                  // a job fails
	PlatformErrors              // a job fails through the platform's fault
	Errors                      // a runtime returns an error
	Panics                      // a runtime panics
	Hangs                       // a runtime never answers
	Polls                       // a job goes on and on
	Reorder                     // messages arrive in any order
	Skew                        // hosts disagree about the time by up to skew
	faultCount
)

var faultNames = [faultCount]string{"crash before", "crash after", "throttled", "unavailable", "lost answer", "stall",
	"stale read", "duplicate", "delay", "lose", "user errors", "platform errors", "errors", "panics", "hangs", "polls",
	"reorder", "skew"}

func (f Fault) String() string { return faultNames[f] }

var everyPort = []Port{PortGet, PortList, PortPut, PortSend, PortSleep, PortStart, PortExecute, PortTerminate}
var jobPorts = []Port{PortStart, PortExecute, PortTerminate}

// strikes lists the ports at which a fault can happen. Those without any are properties of the world.
var strikes = [faultCount][]Port{
	CrashBefore:    everyPort,
	CrashAfter:     everyPort,
	Throttled:      {PortGet, PortList, PortPut, PortSend},
	Unavailable:    {PortGet, PortList, PortPut, PortSend},
	LostAnswer:     {PortPut, PortSend},
	Stall:          everyPort,
	StaleRead:      {PortGet},
	Duplicate:      {PortSend},
	Delay:          {PortSend},
	Lose:           {PortSend},
	UserErrors:     {PortStart, PortExecute},
	PlatformErrors: {PortStart, PortExecute},
	Errors:         jobPorts,
	Panics:         jobPorts,
	Hangs:          jobPorts,
	Polls:          jobPorts,
}

// usual is how often, in a thousand calls, a fault strikes in a seed that has it.
var usual = [faultCount]int{CrashBefore: 20, CrashAfter: 20, Throttled: 20, Unavailable: 20, LostAnswer: 20, Stall: 15,
	StaleRead: 300, Duplicate: 150, Delay: 150, Lose: 60, UserErrors: 150, PlatformErrors: 150, Errors: 100, Panics: 60,
	Hangs: 40, Polls: 300, Reorder: 1000, Skew: 1000}

// Rates says how often, in a thousand calls, each fault strikes.
type Rates [faultCount]int

// leastFaults is how many kinds of faults a seed has at least.
const leastFaults = 3

func drawRates(random *rand.Rand) Rates {
	var out Rates
	order := random.Perm(int(faultCount))
	for _, fault := range order[:leastFaults+random.IntN(int(faultCount)-leastFaults+1)] {
		out[fault] = usual[fault]/2 + random.IntN(usual[fault])
	}
	return out
}

func (r Rates) String() string {
	var out []string
	for fault, rate := range r {
		if rate > 0 {
			out = append(out, fmt.Sprintf("%s %d", Fault(fault), rate))
		}
	}
	return strings.Join(out, ", ")
}
