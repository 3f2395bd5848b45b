// Command fill fills a folder with photos of distinct content: an image, with a number behind its end.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: fill IMAGE FOLDER COUNT")
	}
	image, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	for i := range count {
		dir := filepath.Join(os.Args[2], fmt.Sprintf("%03d", i/1000))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			log.Fatal(err)
		}
		name := filepath.Join(dir, fmt.Sprintf("%06d%s", i, filepath.Ext(os.Args[1])))
		if err := os.WriteFile(name, fmt.Append(image, i), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
