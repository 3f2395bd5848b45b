// Package sandbox takes from this process what it does not need, for good: Confine names the folders and ports that it keeps, and the kernel
// refuses everything else to all its threads, and to whatever they start.
//
// On Linux that is Landlock (docs.kernel.org/userspace-api/landlock.html), as far as the kernel has it; elsewhere there is nothing that a
// process could do to itself without privileges, and Confine says so. What is open already stays open.
package sandbox

// Policy is what the process may still do. The zero value: nothing but to work with what is open already. Programs cannot be started: they would
// inherit a sandbox that was not made for them.
//
// A rule holds for the very folder that was there at Confine: one that is removed and made again is another one. So is what is mounted anew:
// where a folder to read is a mount point, the folder above it may be read, too.
type Policy struct {
	Read  []string // files, and folders with all below them; what cannot be reached is left out
	Write []string // folders: to read, make, write, move and remove what is below them; they have to exist

	Bind    []uint16 // TCP ports to listen on; the kernel does not see Multipath TCP, which net.Listen asks for
	Connect []uint16 // TCP ports to connect to, of any machine; resolving names comes with it
	AnyNet  bool     // the network is left alone
	Sockets []string // Unix sockets to connect to; what cannot be reached is left out
}

// OffError says why nothing was confined.
type OffError struct{ Reason string }

func (e *OffError) Error() string { return e.Reason }
