/** The same fields as wrk's load has, in HTTP/2's names. */
const HEADERS = [
  "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
  "accept: application/json, text/plain, */*",
  "accept-language: en-GB,en;q=0.9",
  "accept-encoding: gzip, deflate, br, zstd",
  "cookie: session=3f9c1a7be2d84c60; theme=dark",
];

export interface H2loadOptions {
  readonly url: string;
  readonly connections: number;
  /** Requests at once on each connection; `http1` speaks HTTP/1.1, one at a time. */
  readonly streams: number | "http1";
  /** 0 sends one request for each connection, to see whether there is an answer. */
  readonly seconds: number;
}

/** Loads `url` with h2load (Debian: nghttp2-client) and returns requests a second. @throws when any request failed. */
export async function h2load({ url, connections, streams, seconds }: H2loadOptions): Promise<number> {
  const version = streams === "http1" ? ["--h1", "-m1"] : [`-m${streams}`];
  const amount = seconds === 0 ? [`-n${connections}`] : ["-D", String(seconds)];
  const headers = HEADERS.flatMap((header) => ["-H", header]);
  const command = ["h2load", "-t1", `-c${connections}`, ...version, ...amount, ...headers, url];
  const run = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([run.stdout.text(), run.stderr.text()]);
  if ((await run.exited) !== 0) throw new Error(`Cannot load ${url}: h2load failed\n${output}${errors}`);
  const failed = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(output)?.slice(1).map(Number);
  const found = /finished in [\d.]+m?s, ([\d.]+) req\/s/.exec(output);
  const succeeded = Number(/(\d+) succeeded/.exec(output)?.[1]);
  if (found === null || failed === undefined || succeeded === 0) {
    throw new Error(`Cannot read h2load's output:\n${output}`);
  }
  if (failed.some((count) => count > 0)) throw new Error(`Cannot use a figure of ${url}: requests failed\n${output}`);
  return Number(found[1]);
}

/** Whether h2load is installed. */
export function hasH2load(): boolean {
  return Bun.which("h2load") !== null;
}
