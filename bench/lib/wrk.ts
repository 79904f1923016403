/** Six headers as a browser's script would send them; wrk adds `Host`. */
const HEADERS = [
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
  "Accept: application/json, text/plain, */*",
  "Accept-Language: en-GB,en;q=0.9",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Cookie: session=3f9c1a7be2d84c60; theme=dark",
];

export interface WrkOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** A script in Lua that makes other requests than GET. */
  readonly script?: string;
}

/** Loads `url` with wrk and returns requests a second. @throws when any request failed or was answered with an error status. */
export async function wrk({ url, connections, seconds, script }: WrkOptions): Promise<number> {
  const headers = HEADERS.flatMap((header) => ["-H", header]);
  const scripted = script === undefined ? [] : ["-s", script];
  const command = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "20s", ...headers, ...scripted, url];
  const run = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const output = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`Cannot load ${url}: wrk failed\n${output}`);
  if (/Non-2xx|Socket errors/.test(output))
    throw new Error(`Cannot use a figure of ${url}: requests failed\n${output}`);
  const found = /Requests\/sec:\s+([\d.]+)/.exec(output);
  if (found === null) throw new Error(`Cannot read wrk's output:\n${output}`);
  return Number(found[1]);
}
