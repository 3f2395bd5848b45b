package main

import (
	"bytes"
	"errors"
	"image"

	"github.com/gen2brain/avif"
)

// encodeAVIF is m by libavif and aom, compiled to WebAssembly, at 4:2:0.
func encodeAVIF(m *image.NRGBA, quality int) ([]byte, error) {
	if avif.Dynamic() == nil {
		return nil, errors.New("the AVIF encoder would use this machine's own libavif: build with -tags nodynamic")
	}
	var out bytes.Buffer
	err := avif.Encode(&out, m, avif.Options{Quality: quality, QualityAlpha: quality, Speed: 8, ChromaSubsampling: image.YCbCrSubsampleRatio420})
	return out.Bytes(), err
}

// perceptualQuantizer says of an AVIF that its light is HDR's: transfer characteristics 16 of ITU-T H.273. Its pixels stay.
func perceptualQuantizer(file []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	at := bytes.Index(file, []byte("nclx"))
	if at < 0 {
		return nil, errors.New("libavif has written no nclx")
	}
	file[at+7] = 16
	return file, nil
}
