package cluster

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"

	"pixmill/internal/pipeline"
	"pixmill/resize"
)

// version of the form of jobs. It is part of a job's subject, and each version has its own consumer, so that a worker is never given
// one that it does not know. Within a version, fields and words may be added: a worker that meets one it does not know declines,
// so workers are to be renewed before watchers.
const version = 1

// job is one photo to be made, as it travels.
type job struct {
	Version int             `json:"version"`
	Source  blob            `json:"source"`
	Info    resize.Info     `json:"info"`
	Recipe  json.RawMessage `json:"recipe,omitempty"` // a resize.Recipe
	Aside   *blob           `json:"aside,omitempty"`  // where a large one lies, instead
	Limits  resize.Limits   `json:"limits"`
	Store   *Bucket         `json:"store,omitempty"`  // where its source lies, and its outputs, unless they have an Upload; nil: with the servers
	Upload  *target         `json:"upload,omitempty"` // where its outputs go; nil: back, by the outputs' store
	ID      string          `json:"id,omitempty"`     // of one with an Upload; the others have it in their subject
	Inline  bool            `json:"inline,omitempty"` // the source comes behind the job in its message

	data    []byte // the source, where it is inline
	id      string // equal for jobs of which the same comes
	subject string
	recipe  []byte // encoded
}

// blob is an object of the sources' store, whose name is its SHA-256 in hexadecimal.
type blob struct {
	Hash string `json:"hash"`
	Size int64  `json:"size"`          // bytes
	Sum  uint32 `json:"sum,omitempty"` // CRC-32C, which takes a tenth of the time; 0: the hash has to do
}

// verify holds what came against what was named: that it came whole, since who may write there is trusted as who may put in jobs. Another content is as good
// as none.
func (b blob) verify(data []byte) error {
	same := b.Sum == crc32.Checksum(data, castagnoli)
	if b.Sum == 0 {
		sum := sha256.Sum256(data)
		same = hex.EncodeToString(sum[:]) == b.Hash
	}
	if !same {
		return fmt.Errorf("%s has another content: %w", b.Hash, jetstream.ErrObjectNotFound)
	}
	return nil
}

// inline is how many bytes of a source, or of its outputs, travel in the message of the job or of the result: for few, the requests that an object
// takes cost more than all else.
const inline = 64 << 10

// message is what travels: one line of JSON, and the bytes of what is inline.
func message(v any, data []byte) []byte {
	return slices.Concat(encode(v), []byte{'\n'}, data)
}

func cutMessage(msg []byte) (head, data []byte) {
	head, data, _ = bytes.Cut(msg, []byte{'\n'})
	return head, data
}

// largest recipe, in bytes, that travels with its job: one with a watermark's picture in it does not fit into a message.
const largest = 32 << 10

// newJob's bytes lie in the store; nil: with the servers.
func newJob(w pipeline.Work, store *Bucket) job {
	j := job{Version: version, Source: blob{Hash: w.Hash, Size: int64(len(w.Data))}, Info: w.Info, Limits: w.Limits, Store: store, recipe: encode(w.Recipe)}
	if len(w.Data) <= inline {
		j.Inline, j.data = true, w.Data
	}
	h := sha256.New()
	h.Write(encode([]any{j.Version, j.Limits}))
	h.Write(j.recipe)
	if store != nil { // who looks elsewhere finds nothing there
		h.Write(encode(store))
		j.Source.Sum = crc32.Checksum(w.Data, castagnoli)
	}
	j.id = j.Source.Hash + "-" + hex.EncodeToString(h.Sum(nil)[:8])
	j.subject = jobSubject(j.id)
	if j.Recipe = j.recipe; len(j.recipe) > largest {
		j.setAside()
	}
	return j
}

// setAside has the recipe travel by the store.
func (j *job) setAside() {
	sum := sha256.Sum256(j.recipe)
	j.Recipe, j.Aside = nil, &blob{Hash: hex.EncodeToString(sum[:]), Size: int64(len(j.recipe))}
}

// fit has travel by the store what is more than a message has room for, in bytes.
func (j *job) fit(room int) {
	if j.Inline && len(encode(j))+1+len(j.data) > room {
		j.Inline, j.data = false, nil
	}
	if j.Aside == nil && len(encode(j))+1 > room {
		j.setAside()
	}
}

func jobSubject(id string) string { return jobsPrefix + strconv.Itoa(version) + "." + id }

// errStrange is a job that a newer pixmill has made.
var errStrange = errors.New("this worker does not understand the job, a newer pixmill may")

// decodeJob reads a job, or says why it is not understood.
func decodeJob(subject string, msg []byte) (job, error) {
	var j job
	head, data := cutMessage(msg)
	if err := decode(head, &j); err != nil {
		return j, fmt.Errorf("%w: %w", errStrange, err)
	}
	if j.Version != version {
		return j, fmt.Errorf("%w: it has version %d", errStrange, j.Version)
	}
	j.id, j.subject, j.recipe, j.data = idOf(subject, msg), subject, j.Recipe, data
	return j, nil
}

func decodeRecipe(data []byte) (r resize.Recipe, err error) {
	if err = decode(data, &r); err == nil {
		err = r.Validate()
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", errStrange, err)
	}
	return r, err
}

// result is how a job ended, or how one attempt failed.
type result struct {
	Version  int           `json:"version"`
	Worker   string        `json:"worker"`
	Attempts int           `json:"attempts"`
	Made     resize.Result `json:"made"`             // its outputs without their data
	Object   string        `json:"object,omitempty"` // in the outputs' store; "": there are none
	Parts    []part        `json:"parts,omitempty"`  // where each output's data lies in it, or behind the result in its message
	Sum      uint32        `json:"sum,omitempty"`    // CRC-32C of that data
	Sent     []sent        `json:"sent,omitempty"`   // what became of each output, where they went to a bucket
	Fault    *fault        `json:"fault,omitempty"`  // why there are no outputs
	Dead     bool          `json:"dead,omitempty"`   // it was tried as often as it may be

	data []byte // of all outputs, where they are inline
}

// part of an object, in bytes.
type part struct {
	Offset int64 `json:"offset"`
	Size   int64 `json:"size"`
}

// The subjects of a result, and of the last attempt that failed.
func resultSubject(id string) string  { return resultsPrefix + id + ".done" }
func failureSubject(id string) string { return resultsPrefix + id + ".failed" }
func bothSubjects(id string) string   { return resultsPrefix + id + ".*" }

// size is how many bytes the data of all outputs have.
func (r *result) size() (n int64) {
	for _, p := range r.Parts {
		n = max(n, p.Offset+p.Size)
	}
	return n
}

// bundle lays the outputs' data one after the other; outputs that share theirs share it there too. The result's own are dropped.
func (r *result) bundle() []byte {
	size := 0
	for _, o := range r.Made.Outputs {
		size += len(o.Data)
	}
	all := make([]byte, 0, size)
	seen := map[*byte]part{}
	for i, o := range r.Made.Outputs {
		if len(o.Data) == 0 {
			r.Parts = append(r.Parts, part{})
			continue
		}
		p, known := seen[&o.Data[0]]
		if !known || p.Size != int64(len(o.Data)) {
			p = part{int64(len(all)), int64(len(o.Data))}
			seen[&o.Data[0]] = p
			all = append(all, o.Data...)
		}
		r.Parts = append(r.Parts, p)
		r.Made.Outputs[i].Data = nil
	}
	r.Sum = crc32.Checksum(all, castagnoli)
	return all
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errDamaged is data that are not what the worker sent.
var errDamaged = errors.New("outputs came damaged")

// unbundle gives the outputs their data back.
func (r *result) unbundle(all []byte) error {
	if crc32.Checksum(all, castagnoli) != r.Sum {
		return fmt.Errorf("worker %s: %w", r.Worker, errDamaged)
	}
	if len(r.Parts) != len(r.Made.Outputs) {
		return fmt.Errorf("worker %s: %d parts of %d outputs", r.Worker, len(r.Parts), len(r.Made.Outputs))
	}
	for i, p := range r.Parts {
		if p.Offset < 0 || p.Size < 0 || p.Offset > int64(len(all)) || p.Size > int64(len(all))-p.Offset {
			return fmt.Errorf("worker %s: an output beyond the end of its object", r.Worker)
		}
		r.Made.Outputs[i].Data = all[p.Offset : p.Offset+p.Size : p.Offset+p.Size]
	}
	return nil
}

func decodeResult(msg []byte) (r result, err error) {
	head, data := cutMessage(msg)
	err = json.Unmarshal(head, &r)
	r.data = data
	return r, err
}

// fault is an error as it travels: those that the pipeline tells apart arrive as what they were.
type fault struct {
	Text        string                   `json:"text"`
	Format      *resize.FormatError      `json:"format,omitempty"`
	Unsupported *resize.UnsupportedError `json:"unsupported,omitempty"`
	TooLarge    *resize.TooLargeError    `json:"too_large,omitempty"`
	Stack       []byte                   `json:"stack,omitempty"` // of a panic, whose value is Text
}

func newFault(err error) *fault {
	f := &fault{Text: err.Error()}
	var panicked *resize.PanicError
	switch {
	case errors.As(err, &f.Format), errors.As(err, &f.Unsupported), errors.As(err, &f.TooLarge):
	case errors.As(err, &panicked):
		f.Text, f.Stack = fmt.Sprint(panicked.Value), panicked.Stack
	}
	return f
}

func (f *fault) err() error {
	switch {
	case f.Format != nil:
		return f.Format
	case f.Unsupported != nil:
		return f.Unsupported
	case f.TooLarge != nil:
		return f.TooLarge
	case f.Stack != nil:
		return &resize.PanicError{Value: f.Text, Stack: f.Stack}
	}
	return errors.New(f.Text)
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("what travels is plain data: %v", err))
	}
	return data
}

// decode refuses fields that it does not know.
func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}
