package background

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/kardianos/service"
)

// unit is the systemd user unit, for kardianos/service to fill in.
//
//go:embed pixmill.service
var unit string

// Options of a Service. Name, Config and Log are needed.
type Options struct {
	Name       string   // of the service: letters, digits, - and _
	Executable string   // "": this program
	Config     string   // the config file, absolute; the service runs in its folder
	Arguments  []string // of the program
	Log        string   // a folder for logs where the system keeps none itself
}

// Service is pixmill as the system starts it at login.
type Service struct{ service.Service }

// New describes a service; it changes nothing.
func New(o Options) (*Service, error) {
	if by := service.Platform(); runtime.GOOS == "linux" && by != "linux-systemd" {
		return nil, fmt.Errorf("this system is not run by systemd, whose user units these are (it looks like %s): start `pixmill watch` by its own means, such as an @reboot line in a crontab", by)
	}
	c := &service.Config{
		Name:             o.Name,
		DisplayName:      "pixmill",
		Description:      "pixmill: every size of every photo dropped into a folder (" + filepath.Base(filepath.Dir(o.Config)) + ")",
		Executable:       o.Executable,
		Arguments:        o.Arguments,
		WorkingDirectory: filepath.Dir(o.Config),
		Option: service.KeyValue{
			"UserService":   true,
			"RunAtLoad":     true,
			"KeepAlive":     true,
			"SystemdScript": unit,
			"LogDirectory":  o.Log,
			"StartType":     "automatic",
			"OnFailure":     "restart",
		},
	}
	s, err := service.New(nobody{}, c)
	if err != nil {
		return nil, fmt.Errorf("this system has no service manager that pixmill knows: start `pixmill watch` by its own means: %w", err)
	}
	return &Service{s}, nil
}

// nobody is what runs when the service is only spoken of.
type nobody struct{}

func (nobody) Start(service.Service) error { return nil }
func (nobody) Stop(service.Service) error  { return nil }

// State is "running", "stopped" or "not installed".
func (s *Service) State() (string, error) {
	switch state, err := s.Status(); {
	case errors.Is(err, service.ErrNotInstalled):
		return "not installed", nil
	case err != nil:
		return "", err
	case state == service.StatusRunning:
		return "running", nil
	default:
		return "stopped", nil
	}
}

// UnderManager reports whether Windows' service manager has started this process: it wants to be answered (Serve). The others only send
// signals.
func UnderManager() bool { return needsAnswers && !service.Interactive() }

// Serve runs work as a Windows service; stop is what ends it.
func Serve(work func() error, stop func()) error {
	p := &program{work: work, stop: stop, ended: make(chan error, 1)}
	s, err := service.New(p, &service.Config{Name: "pixmill"})
	if err != nil {
		return err
	}
	return s.Run()
}

type program struct {
	work  func() error
	stop  func()
	ended chan error
}

// Start lets the work begin; when it ends by itself, so does the process, and the manager sees that.
func (p *program) Start(service.Service) error {
	go func() {
		err := p.work()
		p.ended <- err
		if err != nil {
			os.Exit(1)
		}
	}()
	return nil
}

func (p *program) Stop(service.Service) error {
	p.stop()
	return <-p.ended
}
