package local

import (
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/store"
)

// Consumer takes the events of a server. Its name keeps its place: under the same name it goes on where it was.
type Consumer struct {
	Name      string
	Publisher event.Publisher
}

// cluster is the cluster_name of events of this host.
const cluster = "local"

// newPumps makes a pump for each consumer. Both stores of this host keep a feed of their changes.
func (l *Local) newPumps(items store.Store, consumers []Consumer) []*event.Pump {
	feed, ok := items.(store.Feed)
	if !ok {
		return nil
	}
	var out []*event.Pump
	for _, c := range consumers {
		out = append(out, &event.Pump{Reader: &event.Reader{Loop: l.Loop, Cluster: cluster}, Feed: feed, Publisher: c.Publisher,
			Clock: l.clock, Name: c.Name, Log: l.log})
	}
	return out
}
