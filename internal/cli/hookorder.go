package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"pixmill/internal/config"
	"pixmill/internal/delivery"
)

// hookSetup is what the commands of a session are made of, but for what each is about.
type hookSetup struct {
	Hooks  config.Hooks
	Folder string        // that commands run in
	Places config.Config // the pipelines' names and folders, nothing else
	Shown  []string      // folders whose files a file manager is asked to show; nil: none is asked
}

// folders are a config's pipelines, by their names and folders alone.
func folders(c config.Config) config.Config {
	places := config.Config{Inbox: c.Inbox, Output: c.Output}
	for _, p := range c.Pipelines {
		places.Pipelines = append(places.Pipelines, config.Pipeline{Name: p.Name, Inbox: p.Inbox, Output: p.Output})
	}
	return places
}

// hookOrder asks for a command, by its key, and says what about.
type hookOrder struct {
	Key            string // "on_done" "on_failed" "on_idle" "reveal"
	Source, Reason string
	Outputs        []string // as the ledger has them
	Record         string   // JSON
}

// command makes the command that is asked for, whoever asks.
func (s hookSetup) command(o hookOrder) (delivery.Command, error) {
	if o.Key == revealKey {
		return s.reveal(o.Source)
	}
	args := map[string][]string{"on_done": s.Hooks.OnDone, "on_failed": s.Hooks.OnFailed, "on_idle": s.Hooks.OnIdle}[o.Key]
	if len(args) == 0 {
		return delivery.Command{}, fmt.Errorf("there is no hook %q", o.Key)
	}
	args, err := s.expand(args, o)
	return delivery.Command{
		Args:    args,
		Dir:     s.Folder,
		Env:     []string{"PIXMILL_EVENT=" + strings.TrimPrefix(o.Key, "on_"), "PIXMILL_RECORD=" + o.Record},
		Timeout: s.Hooks.Timeout,
	}, err
}

// expand fills in what the placeholders stand for; {outputs} becomes as many arguments as there are outputs.
func (s hookSetup) expand(args []string, o hookOrder) ([]string, error) {
	p, _ := s.Places.Locate(o.Source)
	words := strings.NewReplacer(config.HookSource, absolute(s.Places, o.Source), config.HookReason, o.Reason,
		config.HookInbox, p.Inbox, config.HookOutput, p.Output)
	out := []string{args[0]}
	for _, arg := range args[1:] {
		if arg != config.HookOutputs {
			out = append(out, words.Replace(arg))
			continue
		}
		for _, path := range o.Outputs {
			p, path := s.Places.Locate(path)
			path = filepath.FromSlash(path)
			if !filepath.IsLocal(path) {
				return nil, fmt.Errorf("%s is not in the output folder", path)
			}
			out = append(out, filepath.Join(p.Output, path))
		}
	}
	return out, nil
}
