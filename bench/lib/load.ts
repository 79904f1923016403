/** Latencies of one run, in milliseconds. */
export interface LoadResult {
  readonly fastMs: readonly number[];
  readonly slowMs: readonly number[];
}

export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** One request in this many goes to `/slow`, counted over all connections; the others to `/`. */
  readonly slowEvery: number;
}

interface Client {
  sentMs: number;
  isSlow: boolean;
}

const FAST = request("/");
const SLOW = request("/slow");
const END_OF_HEAD = Buffer.from("\r\n\r\n");

/**
 * Loads a server over keep-alive connections, one request at a time on each, and keeps the latency of every request apart by its kind.
 * Answers are told by their `Content-Length`, which the bench's apps keep below one segment.
 */
export async function load({ host, port, connections, seconds, slowEvery }: LoadOptions): Promise<LoadResult> {
  const fastMs: number[] = [];
  const slowMs: number[] = [];
  let sentCount = 0;
  let isOver = false;
  const finished = Promise.withResolvers<void>();
  let openCount = connections;

  const send = (socket: Bun.Socket<Client>): void => {
    const client = socket.data;
    client.isSlow = ++sentCount % slowEvery === 0;
    client.sentMs = performance.now();
    socket.write(client.isSlow ? SLOW : FAST);
  };
  const receive = (socket: Bun.Socket<Client>, chunk: Buffer): void => {
    if (!chunk.subarray(0, 12).equals(OK) || !isWhole(chunk)) {
      finished.reject(new Error(`Cannot use this run: unexpected answer\n${chunk.toString("latin1")}`));
      return;
    }
    const { isSlow, sentMs } = socket.data;
    (isSlow ? slowMs : fastMs).push(performance.now() - sentMs);
    if (!isOver) send(socket);
    else if (--openCount === 0) finished.resolve();
  };
  const sockets = await Promise.all(
    Array.from({ length: connections }, () =>
      Bun.connect<Client>({
        hostname: host,
        port,
        data: { sentMs: 0, isSlow: false },
        socket: { data: receive, error: (_, error) => finished.reject(error) },
      }),
    ),
  );
  for (const socket of sockets) send(socket);
  setTimeout(() => (isOver = true), seconds * 1000);
  await finished.promise;
  for (const socket of sockets) socket.end();
  return { fastMs, slowMs };
}

const OK = Buffer.from("HTTP/1.1 200");

function request(path: string): Buffer {
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: vilya-bench\r\nAccept: application/json\r\nAccept-Language: en\r\nAccept-Encoding: gzip\r\nCookie: session=3f9c1a7b\r\n\r\n`,
  );
}

function isWhole(chunk: Buffer): boolean {
  const headEnd = chunk.indexOf(END_OF_HEAD);
  if (headEnd === -1) return false;
  const length = /content-length: (\d+)/i.exec(chunk.toString("latin1", 0, headEnd));
  return length !== null && chunk.length === headEnd + 4 + Number(length[1]);
}
