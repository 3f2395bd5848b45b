// Package background makes pixmill a good guest of a desktop: a service that starts at login, tells its manager how it is, and stands back
// when somebody works.
//
//	Service ─► the system's own means: a systemd user unit, a launchd agent, a Windows service (kardianos/service)
//	Ready, Reloading, Stopping ─► systemd (sd_notify), with a heartbeat for its watchdog
//	Lower ─► CPU and I/O priority of this process;  OnBattery ─► whether the machine runs on one
//	Reveal ─► the file manager of whoever sits at this machine
//
// Nothing here knows of photos. Everything but Lower may be called concurrently.
package background

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Ready tells the service manager that the service has started, and from then on, for its watchdog, that it is alive: every time that
// answer returns. That it stops is told when ctx ends. Without a manager that wants to know it does nothing.
func Ready(ctx context.Context, answer func()) {
	told, err := daemon.SdNotify(false, daemon.SdNotifyReady)
	if !told || err != nil { // nobody listens, or he is gone
		return
	}
	go func() {
		defer daemon.SdNotify(false, daemon.SdNotifyStopping)
		every, err := daemon.SdWatchdogEnabled(false)
		if every <= 0 || err != nil {
			<-ctx.Done()
			return
		}
		for tick := time.NewTicker(every / 2); ; {
			select {
			case <-tick.C:
				answer()
				daemon.SdNotify(false, daemon.SdNotifyWatchdog)
			case <-ctx.Done():
				tick.Stop()
				return
			}
		}
	}()
}
