package resize

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"pixmill/resize/codec"
)

// ErrTooLarge is what every *TooLargeError is.
var ErrTooLarge = errors.New("image too large")

// TooLargeError says which figure of an image exceeds which limit.
type TooLargeError struct {
	Figure string // as in "5000 px wide"
	Key    string // as in "limits.width"
	Limit  string // its value
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("image too large: %s, %s is %s", e.Figure, e.Key, e.Limit)
}

func (e *TooLargeError) Is(target error) bool { return target == ErrTooLarge }

// Limits are what is accepted; 0 switches one off.
type Limits struct {
	FileSize      int64         // bytes
	Width, Height int           // pixels, of the picture as it is to be seen, after its EXIF orientation
	Pixels        int64         // of one picture; see frameArea and scanArea for pictures of many
	Frames        int           // of an animation
	Scans         int           // of a JPEG
	Time          time.Duration // for one Process: CPU time on Linux, elsewhere by the clock on the wall
}

const (
	frameArea = 4  // times Limits.Pixels is what all frames of an animation may have together
	scanArea  = 20 // times Limits.Pixels is what all scans of a JPEG may pass over; a usual progressive file has 10
)

// Check holds what the header says against the limits; fileSize is in bytes. The error is a *TooLargeError.
func (l Limits) Check(info Info, fileSize int64) error {
	pixels := float64(info.Width) * float64(info.Height)
	frames := float64(max(info.Frames, 1))
	switch {
	case l.FileSize > 0 && fileSize > l.FileSize:
		return &TooLargeError{fmt.Sprintf("%d bytes", fileSize), "limits.file_size", fmt.Sprintf("%d bytes", l.FileSize)}
	case l.Width > 0 && info.Width > l.Width:
		return &TooLargeError{fmt.Sprintf("%d px wide", info.Width), "limits.width", strconv.Itoa(l.Width)}
	case l.Height > 0 && info.Height > l.Height:
		return &TooLargeError{fmt.Sprintf("%d px high", info.Height), "limits.height", strconv.Itoa(l.Height)}
	case l.Pixels > 0 && pixels > float64(l.Pixels):
		return &TooLargeError{megapixels(pixels), "limits.pixels", strconv.FormatInt(l.Pixels, 10)}
	case l.Frames > 0 && info.Frames > l.Frames:
		return &TooLargeError{fmt.Sprintf("%d frames", info.Frames), "limits.frames", strconv.Itoa(l.Frames)}
	case l.Pixels > 0 && info.Frames > 1 && frames*pixels > frameArea*float64(l.Pixels):
		return l.area(frames*pixels, fmt.Sprintf("in %d frames", info.Frames), frameArea)
	}
	return nil
}

// admit is Check, and what needs src itself or the plan: everything that is checked before a pixel is decoded.
func (l Limits) admit(src *codec.Source, info Info, p *plan) error {
	if err := l.Check(info, src.Length()); err != nil {
		return err
	}
	if count := codec.Find(info.Format).Scans; count != nil && l.Scans+int(min(l.Pixels, 1)) > 0 {
		scans := count(src, info)
		area := float64(scans) * float64(info.Width) * float64(info.Height)
		switch {
		case l.Scans > 0 && scans > l.Scans:
			return &TooLargeError{fmt.Sprintf("%d scans", scans), "limits.scans", strconv.Itoa(l.Scans)}
		case l.Pixels > 0 && scans > 1 && area > scanArea*float64(l.Pixels):
			return l.area(area, fmt.Sprintf("in %d scans", scans), scanArea)
		}
	}
	return p.check(l)
}

func (l Limits) area(pixels float64, where string, factor int64) error {
	return &TooLargeError{megapixels(pixels) + " " + where, "limits.pixels",
		fmt.Sprintf("%d, which allows %d times as many there", l.Pixels, factor)}
}

func megapixels(pixels float64) string { return fmt.Sprintf("%.1f megapixels", pixels/1e6) }
