/** What to send where. */
export interface JsonPost {
  /** `http:` or `https:`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long the answer may take. */
  readonly timeoutMs: number;
}

/**
 * Sends JSON to an HTTP server that takes it and has nothing to say: for what is sent now and then, off every request's path. It follows no
 * redirect.
 *
 * @returns the status.
 * @throws the runtime's error when nobody answers in time.
 */
export async function postJson({ url, headers, body, timeoutMs }: JsonPost): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  return response.status;
}
