// Command ledger writes a ledger of many photos that are done, each with one output: a name more for one image.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"pixmill/sink/ledger"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: ledger IMAGE FOLDER COUNT, where FOLDER holds output and .pixmill")
	}
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	if err := fill(os.Args[1], os.Args[2], count); err != nil {
		log.Fatal(err)
	}
}

// links is how many names one file gets; file systems allow 65,000 or less.
const links = 10_000

func fill(image, folder string, count int) error {
	data, err := os.ReadFile(image)
	if err != nil {
		return err
	}
	l, err := ledger.Open(filepath.Join(folder, ".pixmill", "ledger.db"))
	if err != nil {
		return err
	}
	defer l.Close()
	start := time.Now().Add(-time.Duration(count) * time.Minute)
	file := ""
	for i := range count {
		name := fmt.Sprintf("%03d/%06d-s.jpg", i/1000, i)
		path := filepath.Join(folder, "output", filepath.FromSlash(name))
		if i%1000 == 0 {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
		}
		if i%links == 0 {
			file, err = path, os.WriteFile(path, data, 0o644)
		} else {
			err = os.Link(file, path)
		}
		if err != nil {
			return err
		}
		at := start.Add(time.Duration(i) * time.Minute)
		l.Queue(ledger.Entry{Source: ledger.Source{
			Name: fmt.Sprintf("%03d/%06d.jpg", i/1000, i), Size: 3_200_000, ModTime: at, Hash: strconv.Itoa(i), Width: 4032, Height: 3024, Format: "jpeg",
			Status: "done", Attempts: 1, Duration: 58 * time.Millisecond, Time: at,
			Outputs: []ledger.Output{{Path: name, Variant: "s", Format: "jpeg", Width: 100, Height: 75, Bytes: int64(len(data)), Time: at}},
		}})
	}
	return l.Flush()
}
