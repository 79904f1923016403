import { readFileSync } from "node:fs";

/** Whether this machine speaks IPv6, to itself at least: containers often do not. */
export const HAS_IPV6: boolean = isLoopbackThere();

/** The kernel lists addresses as 32 hexadecimal digits. */
function isLoopbackThere(): boolean {
  try {
    return readFileSync("/proc/net/if_inet6", "latin1").includes(`${"0".repeat(31)}1 `);
  } catch {
    return false; // A kernel without IPv6 has no such list.
  }
}
