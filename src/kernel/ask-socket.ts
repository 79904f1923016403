/** What an HTTP server on a Unix socket answered. */
export interface SocketAnswer {
  readonly status: number;
  readonly text: string;
}

/** What to ask for. */
export interface SocketQuestion {
  readonly method: "GET" | "POST";
  /** With its slash. */
  readonly path: string;
  /** Sent as JSON; left out for none. */
  readonly body?: unknown;
  /** How long the whole answer may take. */
  readonly timeoutMs: number;
}

/**
 * Asks an HTTP server that listens on the Unix socket at `socketPath`: for a command line, one question and its answer.
 *
 * @throws the runtime's error when nobody listens there, or not in time.
 */
export async function askSocket(socketPath: string, question: SocketQuestion): Promise<SocketAnswer> {
  const { method, path, body, timeoutMs } = question;
  const response = await fetch(`http://localhost${path}`, {
    unix: socketPath,
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/**
 * Reads lines that an HTTP server on the Unix socket at `socketPath` sends, for as long as it sends any.
 *
 * @param onLine called with each line, without its end; says whether it wants another one.
 * @throws the runtime's error when nobody listens there.
 */
export async function readSocketLines(
  socketPath: string,
  path: string,
  onLine: (line: string) => boolean,
): Promise<void> {
  const { body } = await fetch(`http://localhost${path}`, { unix: socketPath });
  if (body === null) return;
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      const lines = (text + decoder.decode(bytes, { stream: true })).split("\n");
      text = lines.pop() ?? "";
      if (!lines.every(onLine)) return;
    }
  } catch {
    // The server has ended in the middle of it: there is nothing more to read.
  }
}
