package cli

// fallbackMemory is what a machine is taken to have where the system does not say: 2 GiB.
const fallbackMemory = 2 << 30
