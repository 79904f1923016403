import type { BenchApp } from "./bench-app.ts";
import { residentBytes } from "./host.ts";

const IDLE_COUNTS = [2_000, 9_000, 18_000];
const READINGS = 5;
const READING_INTERVAL_MS = 500;

/**
 * What one more idle connection costs an app that collects garbage on SIGUSR2: the slope between two counts, so that what the first ones
 * cost the process is left out. Prints it.
 *
 * @param open opens so many connections more, and leaves them idle.
 */
export async function measureIdleMemory(
  name: string,
  app: BenchApp,
  open: (count: number) => Promise<void>,
): Promise<void> {
  const samples: { count: number; bytes: number }[] = [];
  for (const count of IDLE_COUNTS) {
    await open(count - (samples.at(-1)?.count ?? 0));
    samples.push({ count, bytes: await restingBytes(app.processId) });
  }
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const perConnection = (last.bytes - first.bytes) / (last.count - first.count);
  const shown = samples.map(({ count, bytes }) => `${count}: ${(bytes / 1e6).toFixed(1)} MB`).join(", ");
  console.log(`  ${name.padEnd(10)} ${shown}; ${Math.round(perConnection)} bytes each`);
}

/** The least of several readings, each after a collection. */
async function restingBytes(processId: number): Promise<number> {
  let least = Infinity;
  for (let reading = 0; reading < READINGS; reading++) {
    process.kill(processId, "SIGUSR2");
    await Bun.sleep(READING_INTERVAL_MS);
    least = Math.min(least, residentBytes(processId));
  }
  return least;
}
