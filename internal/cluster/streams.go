package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"pixmill/pool"
)

// Layout is what the watching side sets up on the server, and what several of them should agree on: the last to start wins. The zero value
// of a field is its default.
type Layout struct {
	Replicas int           // of every stream, 1, 3 or 5; 0: 1
	Keep     time.Duration // what nobody fetches is removed after that; 0: a day
	Storage  int64         // bytes for sources, and as many for outputs; 0: what the server grants
	Queue    int64         // jobs that may wait; 0: 100,000
	AckWait  time.Duration // a worker that is not heard of for so long has lost its jobs; 0: 15 s
	Retry    pool.Retry    // of jobs, on any workers
}

func (l Layout) withDefaults() Layout {
	if l.Replicas == 0 {
		l.Replicas = 1
	}
	if l.Keep == 0 {
		l.Keep = 24 * time.Hour
	}
	if l.Queue == 0 {
		l.Queue = 100_000
	}
	if l.AckWait == 0 {
		l.AckWait = 15 * time.Second
	}
	l.Retry.MaxAttempts = max(l.Retry.MaxAttempts, 1)
	if l.Retry.Backoff <= 0 {
		l.Retry.Backoff = 100 * time.Millisecond
	}
	if l.Retry.MaxBackoff <= 0 {
		l.Retry.MaxBackoff = 5 * time.Second
	}
	return l
}

const (
	dedupeWindow = 2 * time.Minute
	leastPending = 64 // jobs that may be out with workers, however few are known
	deadConsumer = "dead"
	advisories   = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES." + jobsStream + ".*"
)

func workersConsumer() string { return "workers-" + strconv.Itoa(version) }

// streams are the handles of what is on the server.
type streams struct {
	jobs, results, dead jetstream.Stream
	sources, outputs    hubStore
	nodes               jetstream.KeyValue
}

func (s *streams) hubStores() stores { return stores{s.sources, s.outputs} }

// setUp makes everything, or brings it in line.
func (c *Conn) setUp(ctx context.Context, l Layout) (s streams, err error) {
	stream := func(cfg jetstream.StreamConfig) (made jetstream.Stream, err error) {
		cfg.Replicas, cfg.MaxAge, cfg.AllowDirect = l.Replicas, l.Keep, cfg.Name != deadStream
		err = c.patiently(ctx, func(ctx context.Context) (err error) {
			made, err = c.js.CreateOrUpdateStream(ctx, cfg)
			return err
		})
		return made, err
	}
	// At most one job of a name, and none that is refused pushes another one out.
	if s.jobs, err = stream(jetstream.StreamConfig{Name: jobsStream, Subjects: []string{jobsPrefix + "*.*"}, Retention: jetstream.WorkQueuePolicy,
		MaxMsgs: l.Queue, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, Duplicates: dedupeWindow}); err != nil {
		return s, err
	}
	if s.results, err = stream(jetstream.StreamConfig{Name: resultsStream, Subjects: []string{resultsPrefix + "*.*"}, MaxMsgsPerSubject: 1,
		Duplicates: dedupeWindow, RePublish: &jetstream.RePublish{Source: resultSubject("*"), Destination: toldPrefix + "{{wildcard(1)}}"}}); err != nil {
		return s, err
	}
	if s.dead, err = stream(jetstream.StreamConfig{Name: deadStream, Subjects: []string{advisories}, Retention: jetstream.WorkQueuePolicy}); err != nil {
		return s, err
	}
	if err := c.setConsumer(ctx, s.jobs, l.workers(leastPending)); err != nil {
		return s, err
	}
	if err := c.setConsumer(ctx, s.dead, jetstream.ConsumerConfig{Durable: deadConsumer, AckPolicy: jetstream.AckExplicitPolicy, AckWait: l.AckWait}); err != nil {
		return s, err
	}
	for name, target := range map[string]*hubStore{sourcesBucket: &s.sources, outputsBucket: &s.outputs} {
		err = c.patiently(ctx, func(ctx context.Context) (err error) {
			if target.bucket, err = c.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: name, TTL: l.Keep, MaxBytes: l.Storage, Replicas: l.Replicas}); err != nil {
				return err
			}
			target.stream, err = c.js.Stream(ctx, objectStream(name))
			return err
		})
		if err != nil {
			return s, err
		}
		target.conn = c
	}
	err = c.patiently(ctx, func(ctx context.Context) (err error) {
		s.nodes, err = c.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: nodesBucket, TTL: nodeTTL, Replicas: l.Replicas})
		return err
	})
	return s, err
}

// find waits until a watching side has set everything up.
func (c *Conn) find(ctx context.Context) (s streams, err error) {
	err = c.patiently(ctx, func(ctx context.Context) (err error) {
		s, err = c.look(ctx)
		return err
	})
	return s, err
}

// look is find, once. What is not there is errNothing.
func (c *Conn) look(ctx context.Context) (s streams, err error) {
	for name, target := range map[string]*jetstream.Stream{jobsStream: &s.jobs, resultsStream: &s.results} {
		if *target, err = c.js.Stream(ctx, name); err != nil {
			return s, absent(err)
		}
	}
	for name, target := range map[string]*hubStore{sourcesBucket: &s.sources, outputsBucket: &s.outputs} {
		if target.bucket, err = c.js.ObjectStore(ctx, name); err != nil {
			return s, absent(err)
		}
		if target.stream, err = c.js.Stream(ctx, objectStream(name)); err != nil {
			return s, absent(err)
		}
		target.conn = c
	}
	s.nodes, err = c.js.KeyValue(ctx, nodesBucket)
	return s, absent(err)
}

var errNothing = errors.New("no `pixmill watch --cluster` has been here yet: workers wait for the first")

func absent(err error) error {
	if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrBucketNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound) {
		return errNothing
	}
	return err
}

// workers is the consumer that all workers pull from. A worker that has not been heard of for AckWait has lost its job; after that it waits
// as long as after a failure.
func (l Layout) workers(pending int) jetstream.ConsumerConfig {
	cfg := jetstream.ConsumerConfig{
		Durable:       workersConsumer(),
		AckPolicy:     jetstream.AckExplicitPolicy,
		FilterSubject: jobSubject("*"),
		MaxDeliver:    l.Retry.MaxAttempts,
		MaxAckPending: pending,
		AckWait:       l.AckWait,
	}
	for attempt := 1; attempt < l.Retry.MaxAttempts; attempt++ { // the server wants fewer than MaxDeliver
		cfg.BackOff = append(cfg.BackOff, l.AckWait+wait(l.Retry, attempt))
	}
	if cfg.BackOff != nil {
		cfg.AckWait = cfg.BackOff[0]
	}
	return cfg
}

// wait doubles after every attempt, from 1.
func wait(r pool.Retry, attempt int) time.Duration {
	d := min(r.Backoff, r.MaxBackoff)
	for i := 1; i < attempt && d < r.MaxBackoff; i++ {
		d = min(2*d, r.MaxBackoff)
	}
	return d
}

func (c *Conn) setConsumer(ctx context.Context, s jetstream.Stream, cfg jetstream.ConsumerConfig) error {
	return c.patiently(ctx, func(ctx context.Context) error {
		_, err := s.CreateOrUpdateConsumer(ctx, cfg)
		return err
	})
}

// What the job stream says where it holds a job of that name, and the result stream where it holds a result.
var (
	errQueued = errors.New("the job is in the queue already")
	errTaken  = errors.New("the job has a result already")
)

// conclude publishes a job's result, unless it has one, or had one that is removed again: then it is errTaken. seq is that of the job's message,
// so that a job that is asked for anew may be concluded anew. What the server has, it tells those who wait.
func (c *Conn) conclude(ctx context.Context, id string, seq uint64, r result) error {
	return c.patiently(ctx, func(ctx context.Context) error {
		duplicate, err := c.publish(ctx, resultSubject(id), message(r, r.data), jetstream.WithExpectLastSequencePerSubject(0), jetstream.WithMsgID(fmt.Sprintf("%s.%d", id, seq)))
		if duplicate {
			return errTaken
		}
		return err
	})
}

// publish is js.Publish with the answers above. The server tells a full stream from one that holds the subject by words only.
func (c *Conn) publish(ctx context.Context, subject string, data []byte, opts ...jetstream.PublishOpt) (duplicate bool, err error) {
	ack, err := c.js.Publish(ctx, subject, data, opts...)
	var api *jetstream.APIError
	switch {
	case err == nil:
		return ack.Duplicate, nil
	case !errors.As(err, &api):
	case api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence, api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant:
		return false, errTaken
	case strings.Contains(api.Description, "maximum messages per subject"):
		return false, errQueued
	}
	return false, err
}
