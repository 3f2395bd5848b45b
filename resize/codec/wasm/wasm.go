// Package wasm runs C libraries that are compiled to WebAssembly: no cgo, nothing to install, the same bytes on every machine.
//
//	Program ─ compiled to machine code with its first Start, or read from the folder of CacheIn ─► Instance ─ Alloc, Call, Bytes ─► Close
//
// A program sees nothing but its own memory: no files, no clock, no output. Of that it gets as much as Start says, and then its
// malloc fails. Everything may run concurrently, but for one Instance.
package wasm

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// Program is a library, compiled when it is first needed.
type Program struct {
	name string
	gz   *[]byte
	load func() (compiled, error)
}

type compiled struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// New describes a program: a module, compressed by gzip, that is a WASI reactor and exports malloc.
func New(name string, gz *[]byte) *Program {
	p := &Program{name: name, gz: gz}
	p.load = sync.OnceValues(p.compile)
	return p
}

var cacheFolder atomic.Pointer[string]

// CacheIn names a folder for compiled programs ("": none), which is made when there is one to keep: compiling takes 1 to 3 seconds, reading it
// back some hundredths. It counts for programs that have not started yet; without it they are compiled anew in every process. The
// folder holds machine code that will be run: nobody else should be able to write there.
func CacheIn(folder string) { cacheFolder.Store(&folder) }

func (p *Program) compile() (compiled, error) {
	r, err := gzip.NewReader(bytes.NewReader(*p.gz))
	if err != nil {
		return compiled{}, fmt.Errorf("%s: %w", p.name, err)
	}
	code, err := io.ReadAll(r)
	if err != nil {
		return compiled{}, fmt.Errorf("%s: %w", p.name, err)
	}
	config := wazero.NewRuntimeConfig()
	if folder := cacheFolder.Load(); folder != nil && *folder != "" {
		// A cache that cannot be used, or is damaged, is not worth failing for.
		if cache, err := wazero.NewCompilationCacheWithDir(*folder); err == nil {
			if c, err := compileWith(config.WithCompilationCache(cache), code); err == nil {
				return c, nil
			}
		}
	}
	c, err := compileWith(config, code)
	if err != nil {
		return c, fmt.Errorf("%s: %w", p.name, err)
	}
	return c, nil
}

func compileWith(config wazero.RuntimeConfig, code []byte) (compiled, error) {
	ctx := context.Background()
	c := compiled{runtime: wazero.NewRuntimeWithConfig(ctx, config)}
	_, err := wasi_snapshot_preview1.Instantiate(ctx, c.runtime)
	if err == nil {
		c.module, err = c.runtime.CompileModule(ctx, code)
	}
	if err != nil {
		c.runtime.Close(ctx)
	}
	return c, err
}

// Instance is a running program with a memory of its own.
type Instance struct {
	module api.Module
	watch  Watch
	left   bool // to itself, by Call
}

// Watch is who looks after a program. The zero value: nobody.
type Watch struct {
	Stop func() error          // is asked ten times a second during a Call whether it is to end, with which error
	Join func() (leave func()) // is called by the goroutine that a Call runs on; nil: by none
}

// Start runs a program that may use that many bytes of memory, in all.
func (p *Program) Start(bytes int64, watch Watch) (*Instance, error) {
	c, err := p.load()
	if err != nil {
		return nil, err
	}
	ctx := experimental.WithMemoryAllocator(context.Background(), &memory{limit: uint64(min(bytes, 1<<32))})
	module, err := c.runtime.InstantiateModule(ctx, c.module, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return &Instance{module: module, watch: watch}, nil
}

// Close gives the memory back; what Bytes returned is not to be used any more.
func (i *Instance) Close() {
	if !i.left {
		i.module.Close(context.Background())
	}
}

// Call runs an exported function of one result. One that is to stop goes on by itself, and gives its memory back at its end: code that
// could be interrupted anywhere was measured to take seven times as long. Decoders do end, with their input if not before.
func (i *Instance) Call(name string, args ...uint64) (uint64, error) {
	f := i.module.ExportedFunction(name)
	if f == nil {
		return 0, fmt.Errorf("no function is called %s", name)
	}
	if i.watch.Stop == nil {
		return call(f, args)
	}
	type outcome struct {
		result uint64
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		if i.watch.Join != nil {
			defer i.watch.Join()()
		}
		result, err := call(f, args)
		done <- outcome{result, err}
	}()
	ask := time.NewTicker(100 * time.Millisecond)
	defer ask.Stop()
	for {
		select {
		case o := <-done:
			return o.result, o.err
		case <-ask.C:
			if err := i.watch.Stop(); err != nil {
				i.left = true
				go func() {
					<-done
					i.module.Close(context.Background())
				}()
				return 0, err
			}
		}
	}
}

// call gives no panic to anybody: traps are errors already, and what is not is wazero's own.
func call(f api.Function, args []uint64) (result uint64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	results, err := f.Call(context.Background(), args...)
	if len(results) > 0 {
		result = results[0]
	}
	if err != nil {
		err = trap{err}
	}
	return result, err
}

// trap is an error of wazero's in one line: without the stack of functions that have no names here.
type trap struct{ error }

func (t trap) Error() string {
	first, _, _ := strings.Cut(t.error.Error(), "\n")
	return strings.TrimPrefix(first, "wasm error: ") + " in the WebAssembly"
}

func (t trap) Unwrap() error { return t.error }

var errMemory = errors.New("it wants more memory than a picture of its size should take")

// Alloc returns the address of n bytes of the program's memory, which stay its own until Close.
func (i *Instance) Alloc(n int) (uint32, error) {
	at, err := i.Call("malloc", uint64(n))
	if err == nil && at == 0 {
		err = errMemory
	}
	return uint32(at), err
}

// Bytes returns a part of the program's memory, valid until the next Call or Alloc.
func (i *Instance) Bytes(at uint32, n int) ([]byte, error) {
	b, ok := i.module.Memory().Read(at, uint32(n))
	if !ok {
		return nil, fmt.Errorf("%d bytes at %#x are not in the program's memory", n, at)
	}
	return b, nil
}

// Put copies data into the program's memory.
func (i *Instance) Put(data []byte) (uint32, error) {
	at, err := i.Alloc(len(data))
	if err != nil {
		return 0, err
	}
	to, err := i.Bytes(at, len(data))
	copy(to, data)
	return at, err
}

// Used is how many bytes of memory the program has come to.
func (i *Instance) Used() int64 { return int64(i.module.Memory().Size()) }

// memory is taken at once, at its limit, so that it never moves and growing it copies nothing; pages that are not used are none of the
// machine's.
type memory struct {
	limit uint64
	bytes []byte
	used  int
}

// memories go from instance to instance; they are all zero.
var memories sync.Pool

func (m *memory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate implements experimental.LinearMemory.
func (m *memory) Reallocate(size uint64) []byte {
	if m.bytes == nil {
		m.limit = max(m.limit, size) // the first size is what the program cannot start without
		if kept, ok := memories.Get().(*[]byte); ok && uint64(cap(*kept)) >= m.limit {
			m.bytes = (*kept)[:m.limit]
		} else {
			m.bytes = make([]byte, m.limit)
		}
	}
	if size > m.limit {
		return nil
	}
	m.used = max(m.used, int(size))
	return m.bytes[:size]
}

// Free implements experimental.LinearMemory.
func (m *memory) Free() {
	clear(m.bytes[:m.used])
	memories.Put(&m.bytes)
}
