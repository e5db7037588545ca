// Exit status 0 where the gateway of this container is ready.
const ready = await fetch(`http://127.0.0.1:${process.env["PORT"] ?? 4000}/health/ready`, {
  signal: AbortSignal.timeout(4_000),
}).catch(() => null);
process.exit(ready?.ok === true ? 0 : 1);
