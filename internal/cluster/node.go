package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// How often a node says that it is there, and for how long it counts as there.
const (
	nodeBeat = 2 * time.Second
	nodeTTL  = 4 * nodeBeat
)

// Node is a machine's share in the cluster, as it tells it.
type Node struct {
	Name     string  `json:"name"`
	Role     string  `json:"role"`
	Version  string  `json:"version"`
	Capacity int     `json:"capacity"`  // photos at once; 0 for watchers
	InFlight int     `json:"in_flight"` // photos it is at work on, or waits for
	Done     int64   `json:"done"`      // photos since it started
	Rate     float64 `json:"rate"`      // photos a second, over the last while

	Seen float64 `json:"seen,omitempty"` // seconds ago, by the server's clock; not told
}

// node is this machine's.
type node struct {
	conn *Conn
	kv   jetstream.KeyValue
	name string // key, unique among all nodes

	mu   sync.Mutex
	Node // Rate as of the last beat
	last int64
}

func newNode(c *Conn, kv jetstream.KeyValue) *node {
	n := &node{conn: c, kv: kv, Node: Node{Name: c.opts.Name, Role: c.opts.Role, Version: c.opts.Version}}
	n.name = keyOf(c.opts.Role + "-" + c.opts.Name)
	return n
}

// keyOf has only what a key may have.
func keyOf(name string) string {
	key := []byte(name)
	for i, c := range key {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
		if !letter {
			key[i] = '_'
		}
	}
	return string(key)
}

func (n *node) begin()  { n.count(func() { n.InFlight++ }) }
func (n *node) end()    { n.count(func() { n.InFlight-- }) }
func (n *node) finish() { n.count(func() { n.Done++ }) }

func (n *node) count(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
}

// Stats is what the node tells of itself.
func (n *node) Stats() Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.Node
}

// run says that the node is there until ctx ends, and then that it has left.
func (n *node) run(ctx context.Context) {
	for tick := time.NewTicker(nodeBeat); ; {
		said, cancel := context.WithTimeout(ctx, nodeBeat)
		n.kv.Put(said, n.name, encode(n.beat())) // one that fails is made good by the next
		cancel()
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			left, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			n.kv.Delete(left, n.name) // else it is forgotten after nodeTTL
			cancel()
			return
		}
	}
}

// beat brings Rate up to date: an average that forgets what was ten beats ago.
func (n *node) beat() Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := float64(n.Done-n.last) / nodeBeat.Seconds()
	n.last = n.Done
	n.Rate += (now - n.Rate) / 5
	return n.Node
}

// nodes lists who is there.
func (s *streams) list(ctx context.Context) ([]Node, error) {
	all, err := s.nodes.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, err
	}
	defer all.Stop()
	status, err := s.nodes.Status(ctx)
	if err != nil {
		return nil, err
	}
	var now time.Time
	if bucket, ok := status.(*jetstream.KeyValueBucketStatus); ok {
		now = bucket.StreamInfo().TimeStamp
	}
	var nodes []Node
	for {
		select {
		case entry := <-all.Updates():
			if entry == nil { // that was all there is now
				slices.SortFunc(nodes, func(a, b Node) int { return cmp.Or(cmp.Compare(b.Role, a.Role), cmp.Compare(a.Name, b.Name)) })
				return nodes, nil
			}
			var n Node
			if json.Unmarshal(entry.Value(), &n) == nil {
				n.Seen = max(0, now.Sub(entry.Created()).Seconds())
				nodes = append(nodes, n)
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// keepStep lets as many jobs be out as the workers there are can take, twice over: those of a worker that was lost count until they are
// given to another one.
func (m *Maker) keepStep(ctx context.Context) {
	for tick := time.NewTicker(nodeBeat); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return
		}
		asked, cancel := context.WithTimeout(ctx, nodeBeat)
		m.step(asked) // what fails is made good by the next
		cancel()
	}
}

func (m *Maker) step(ctx context.Context) error {
	nodes, err := m.list(ctx)
	if err != nil {
		return err
	}
	capacity := 0
	for _, n := range nodes {
		capacity += n.Capacity
	}
	consumer, err := m.jobs.Consumer(ctx, workersConsumer())
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return err
	}
	pending := max(leastPending, 2*capacity)
	if err == nil && consumer.CachedInfo().Config.MaxAckPending == pending {
		return nil
	}
	_, err = m.jobs.CreateOrUpdateConsumer(ctx, m.layout.workers(pending))
	return err
}

// Overview is the cluster as `pixmill status --cluster` shows it.
type Overview struct {
	Nodes       []Node `json:"nodes"`
	Waiting     uint64 `json:"waiting"`      // jobs that no worker has yet
	Out         int    `json:"out"`          // jobs that are with workers
	Redelivered int    `json:"redelivered"`  // of those, not for the first time
	SourceBytes uint64 `json:"source_bytes"` // in the object stores
	OutputBytes uint64 `json:"output_bytes"`
}

// Look asks the cluster once.
func (c *Conn) Look(ctx context.Context) (Overview, error) {
	o := Overview{Nodes: []Node{}}
	if !c.nc.IsConnected() {
		return o, unreachable(c.opts.URL)
	}
	s, err := c.look(ctx)
	if err != nil {
		return o, err
	}
	nodes, err := s.list(ctx)
	if err != nil {
		return o, err
	}
	o.Nodes = append(o.Nodes, nodes...)
	consumer, err := s.jobs.Consumer(ctx, workersConsumer())
	if err != nil {
		return o, absent(err)
	}
	info := consumer.CachedInfo()
	o.Waiting, o.Out, o.Redelivered = info.NumPending, info.NumAckPending, info.NumRedelivered
	for bucket, bytes := range map[jetstream.ObjectStore]*uint64{s.sources.bucket: &o.SourceBytes, s.outputs.bucket: &o.OutputBytes} {
		status, err := bucket.Status(ctx)
		if err != nil {
			return o, err
		}
		*bytes = status.Size()
	}
	return o, nil
}
