package cli

import (
	"context"
	"net"

	"github.com/spf13/cobra"

	"pixmill/internal/cluster/hub"
	"pixmill/internal/config"
)

func (a *app) hubCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "hub",
		Short: "Run a NATS server for a cluster, until Ctrl-C",
		Long: `Run a NATS server with JetStream, for who has none: it carries jobs and photos between "pixmill watch --cluster" and
"pixmill worker". Whoever knows its token may come in; unless hub.token says one, it is made at the first start and kept in the state
folder. Photos lie there, too, while they are on their way.`,
		Args: noArgs,
	}
	listen := c.Flags().String("listen", "", "`HOST:PORT` to listen on, instead of the config's")
	c.RunE = func(cmd *cobra.Command, _ []string) error { return a.hub(cmd.Context(), *listen) }
	return c
}

func (a *app) hub(ctx context.Context, listen string) error {
	c, log, err := a.begin(config.Overrides{})
	if err != nil {
		return err
	}
	if listen == "" {
		listen = c.Hub.Listen
	}
	h, err := hub.Start(hub.Options{
		Listen:     listen,
		Store:      hubFolder(c),
		Name:       nodeName(c),
		Token:      c.Hub.Token,
		TLSCert:    c.Cluster.TLSCert,
		TLSKey:     c.Cluster.TLSKey,
		TLSCA:      c.Cluster.TLSCa,
		Peers:      c.Hub.Peers,
		PeerListen: c.Hub.PeerListen,
		Log:        log,
	})
	if err != nil {
		return usageError{err}
	}
	log.Info("the hub is up; with this config:  pixmill watch --cluster,  pixmill worker")
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		for _, address := range addresses() {
			log.Info("on other machines:  pixmill worker --url " + h.URL(address))
		}
	} else {
		log.Info("elsewhere:  pixmill worker --url " + h.URL(host))
	}
	st := untilSignals(ctx, c.Pool.ShutdownTimeout, "stays in the queue for the next start", nil, log)
	defer st.release()
	h.Run(st.intake)
	return nil
}
