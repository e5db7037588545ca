import { isLoopback } from "../connectors/loopback.ts";

/** Whether what is sent to the address is encrypted on its way, or has no way. */
export function isProtected(address: URL): boolean {
  return address.protocol === "https:" || (address.protocol === "http:" && isLoopback(address.hostname));
}
