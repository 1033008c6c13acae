package memory

import (
	"strconv"
	"time"

	"github.com/segue-workflows/segue/shared/queue"
)

// message is a message in its lane.
type message struct {
	id       string
	number   uint64 // of the send; orders messages that become visible together
	body     []byte
	sent     time.Time
	visible  time.Time
	receives int
	place    int // in the schedule
}

// receipt names the latest delivery. A message that became dead letter counts from 0 again, and
// its receipts of before cannot match: they were for another queue.
func (m *message) receipt() string { return m.id + "/" + strconv.Itoa(m.receives) }

func (m *message) delivery() queue.Delivery {
	return queue.Delivery{ID: m.id, Receipt: m.receipt(), Body: m.body, Receives: m.receives, Sent: m.sent}
}

// schedule orders messages by the time at which they become visible.
type schedule []*message

func (s schedule) Len() int { return len(s) }

func (s schedule) Less(i, j int) bool {
	if s[i].visible.Equal(s[j].visible) {
		return s[i].number < s[j].number
	}
	return s[i].visible.Before(s[j].visible)
}

func (s schedule) Swap(i, j int) {
	s[i], s[j] = s[j], s[i]
	s[i].place, s[j].place = i, j
}

// Push is for container/heap.
func (s *schedule) Push(x any) {
	m := x.(*message)
	m.place = len(*s)
	*s = append(*s, m)
}

// Pop is for container/heap.
func (s *schedule) Pop() any {
	old := *s
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*s = old[:len(old)-1]
	return last
}
