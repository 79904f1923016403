import { libc } from "./libc.ts";

// <time.h> on Linux
const CLOCK_MONOTONIC = 1;

const NANOSECONDS_PER_MICROSECOND = 1_000n;
const MICROSECONDS_PER_SECOND = 1_000_000n;

/** The kernel's monotonic clock in microseconds, as other processes of this machine read it: the runtime's begins with its process. */
export function monotonicMicroseconds(): bigint {
  const time = new BigInt64Array(2); // struct timespec: { seconds, nanoseconds }
  libc().clock_gettime(CLOCK_MONOTONIC, time);
  const [seconds = 0n, nanoseconds = 0n] = time;
  return seconds * MICROSECONDS_PER_SECOND + nanoseconds / NANOSECONDS_PER_MICROSECOND;
}
