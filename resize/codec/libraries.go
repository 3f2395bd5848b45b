package codec

import (
	_ "unsafe" // for go:linkname

	_ "github.com/gen2brain/avif"
	_ "github.com/gen2brain/heic"
	_ "github.com/gen2brain/webp"

	"pixmill/resize/codec/wasm"
)

// The programs are libwebp, libavif with aom, and libheif with libde265, as gen2brain's packages embed them. Their own Go code compiles
// them anew in every process, for 0.7 to 3 seconds each, lets them have all memory there is, and cannot be stopped; so these are
// taken from where they lie, at the exact versions in go.mod, and run by package wasm. TestLibraries holds them to what is expected.

//go:linkname webpWasm github.com/gen2brain/webp.webpWasm
var webpWasm []byte

//go:linkname avifDecodeWasm github.com/gen2brain/avif.decodeWasm
var avifDecodeWasm []byte

//go:linkname avifEncodeWasm github.com/gen2brain/avif.encodeWasm
var avifEncodeWasm []byte

//go:linkname heifWasm github.com/gen2brain/heic.heifWasm
var heifWasm []byte

var (
	webpEncoder = wasm.New("libwebp", &webpWasm)
	avifEncoder = wasm.New("libavif's encoder", &avifEncodeWasm)
	avifDecoder = wasm.New("libavif's decoder", &avifDecodeWasm)
	heicDecoder = wasm.New("libheif", &heifWasm)
)
