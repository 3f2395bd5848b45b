package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pixmill/internal/cli"
	"pixmill/internal/sandbox"
)

// TestMain makes this test binary the pixmill command that the scripts start.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pixmill": func() { os.Exit(cli.Main(os.Args)) }})
}

// TestScripts drives the real command in real folders; testdata/script/README.md says how to read one.
func TestScripts(t *testing.T) {
	images, err := filepath.Abs(filepath.Join("testdata", "images"))
	if err != nil {
		t.Fatal(err)
	}
	photos, err := filepath.Abs(filepath.Join("..", "shared", "photos"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("IMAGES", images)
			e.Setenv("PORT", freePort(t))
			e.Setenv("PHOTOS", photos)
			return nil
		},
		Condition: func(name string) (bool, error) {
			var err error
			switch name {
			case "photos":
				_, err = os.Stat(photos)
			case "landlock":
				_, err = sandbox.Covers()
			default:
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answers": answers,
			"appears": appears,
			"posts":   posts,
			"prints":  prints,
			"files":   files,
			"size":    size,
			"grow":    grow,
			"status":  status,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// freePort is one that nothing listened on a moment ago.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// answers PATH TEXT waits until what the dashboard at $PORT answers holds the text; with !, until nothing answers.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	wait(ts, fmt.Sprintf("an answer to be there: %t: %q", !neg, args), func() bool {
		got, err := http.Get("http://127.0.0.1:" + ts.Getenv("PORT") + args[0])
		if err != nil {
			return neg
		}
		defer got.Body.Close()
		text, _ := io.ReadAll(got.Body)
		return !neg && bytes.Contains(text, []byte(args[1]))
	})
}

// posts PATH TEXT sends the dashboard at $PORT an order, and checks what it answers; with !, that it refuses, and why.
func posts(ts *testscript.TestScript, neg bool, args []string) {
	got, err := http.Post("http://127.0.0.1:"+ts.Getenv("PORT")+args[0], "", nil)
	ts.Check(err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	ts.Check(err)
	if (got.StatusCode == http.StatusOK) == neg || !bytes.Contains(text, []byte(args[1])) {
		ts.Fatalf("%s: %s %s", args[0], got.Status, text)
	}
}

// patience bounds every wait; a script that waits that long has failed.
const patience = 60 * time.Second

// appears FILE... waits until all the files are there; with !, until none is.
func appears(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		wait(ts, fmt.Sprintf("%s to be there: %t", name, !neg), func() bool {
			_, err := os.Lstat(ts.MkAbs(name))
			return (err == nil) != neg
		})
	}
}

// prints FILE TEXT waits until a file that a running command writes to holds the text.
func prints(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: prints FILE TEXT")
	}
	wait(ts, fmt.Sprintf("%q in %s", args[1], args[0]), func() bool {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && bytes.Contains(data, []byte(args[1]))
	})
}

func wait(ts *testscript.TestScript, what string, there func() bool) {
	for end := time.Now().Add(patience); !there(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// files DIR N counts the files below a folder, hidden ones included.
func files(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	var found []string
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	}))
	if (len(found) == want) == neg {
		ts.Fatalf("%s holds %d files: %q", args[0], len(found), found)
	}
}

// size FILE WIDTHxHEIGHT checks the pixels that an image's header declares.
func size(ts *testscript.TestScript, neg bool, args []string) {
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	config, format, err := image.DecodeConfig(f)
	ts.Check(err)
	if got := fmt.Sprintf("%dx%d", config.Width, config.Height); (got == args[1]) == neg {
		ts.Fatalf("%s is a %s of %s", args[0], format, got)
	}
}

// grow SOURCE TARGET copies a file in ten pieces over a good half second, and holds it open for writing meanwhile.
func grow(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	for i := range 10 {
		_, err = f.Write(data[len(data)*i/10 : len(data)*(i+1)/10])
		ts.Check(err)
		time.Sleep(60 * time.Millisecond)
	}
	ts.Check(f.Close())
}

// status CODE COMMAND... runs a command to its end and checks its exit code.
func status(ts *testscript.TestScript, neg bool, args []string) {
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if (strconv.Itoa(code) == args[0]) == neg {
		ts.Fatalf("%q exits with %d", args[1:], code)
	}
}
