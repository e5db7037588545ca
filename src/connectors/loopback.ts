const names = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether a `URL.hostname` is this machine: what is sent there crosses no network. */
export const isLoopback = (hostname: string): boolean => names.has(hostname);
