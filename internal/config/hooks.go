package config

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Hooks are commands that are run when something was done: each a program and its arguments; nil: none. A program that is given by a
// path is absolute.
type Hooks struct {
	OnDone, OnFailed, OnIdle []string
	IdleAfter                time.Duration
	Timeout                  time.Duration
	Parallel                 int // 0: as many as suit
}

// The placeholders in the arguments of hooks. Outputs stands alone, for as many arguments as there are outputs.
const (
	HookSource  = "{source}"
	HookOutputs = "{outputs}"
	HookReason  = "{reason}"
	HookInbox   = "{inbox}"
	HookOutput  = "{output}"
)

var (
	ofPhoto  = []string{HookSource, HookOutputs, HookReason}
	ofFolder = []string{HookInbox, HookOutput}
)

func readHooks(t *table, base string) Hooks {
	defer t.done()
	return Hooks{
		OnDone:    t.command("on_done", base, slices.Concat(ofPhoto, ofFolder)),
		OnFailed:  t.command("on_failed", base, slices.Concat(ofPhoto, ofFolder)),
		OnIdle:    t.command("on_idle", base, ofFolder),
		IdleAfter: t.duration("idle_after", "2s", 10*time.Millisecond),
		Timeout:   t.duration("timeout", "5m", time.Millisecond),
		Parallel:  int(t.whole("parallel", 0, 0, 1000)),
	}
}

var bracedWord = regexp.MustCompile(`\{[a-z_]+\}`)

// command reads a program and its arguments. Braces that mean nothing to us, as in a script for awk, are left alone, but not those that
// are nearly a placeholder.
func (t *table) command(key, base string, known []string) []string {
	if line, isText := t.m[key].(string); isText {
		t.fail(key, "%q is one text: write the program and each argument on its own, as in %s = [\"rsync\", \"-a\", \"{output}/\", \"host:/www/\"]", line, key)
		t.known = append(t.known, key)
		return nil
	}
	args := t.texts(key, nil)
	if len(args) == 0 {
		return nil
	}
	if args[0] == "" || strings.Contains(args[0], "{") {
		t.fail(key, "%q is not a program: name one first, then its arguments", args[0])
		return nil
	}
	if strings.ContainsAny(args[0], `/\`) {
		args[0] = located(base, args[0])
	}
	for _, arg := range args[1:] {
		for _, word := range bracedWord.FindAllString(arg, -1) {
			switch {
			case word == HookOutputs && arg != word && slices.Contains(known, word):
				t.fail(key, "%q: %s stands for several arguments: write it alone", arg, word)
			case slices.Contains(known, word):
			case slices.Contains(ofPhoto, word):
				t.fail(key, "%s is of one photo, and this runs after many: leave it out", word)
			case nearest(word, known) != "":
				t.fail(key, "%s is none of %s%s", word, strings.Join(known, ", "), meant(word, known))
			}
		}
	}
	return args
}
