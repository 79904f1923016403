import type { Exchange } from "../../http/exchange.ts";
import { type ApiAnswer, type ApiRequest, REFUSAL, refusal, type StreamOperation } from "../api/api-operation.ts";
import type { LiveFeed } from "./live-feed.ts";
import { TextStream } from "./text-stream.ts";

/** Each one costs a report a second. */
const WATCHER_COUNT_MAX = 32;

/** Lines of the log that are shown to who begins to look on. */
const FIRST_LINE_COUNT = 100;

const LINE_COUNT_DEFAULT = 100;
const LINE_COUNT_MAX = 500;

const FIELDS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/** The operations whose answers go on. */
export const STREAM_OPERATIONS: readonly StreamOperation[] = [
  {
    method: "GET",
    path: "/v1/events",
    summary: "Watch the instance",
    description:
      "Server-sent events: `history` (how it did in the last minutes, once), `sample` once a second (`report` as in /v1/status, and `point`), `log` (JSON lines of the log).",
    input: null,
    answers: {
      200: { description: "Events, for as long as the client stays.", contentType: "text/event-stream" },
      503: { description: "Too many look on.", schema: REFUSAL },
    },
    stream: streamEvents,
  },
  {
    method: "GET",
    path: "/v1/logs",
    summary: "Read the end of the log",
    description:
      "The last lines of the master, of fronts and of what workers print, whatever the format on STDERR: `lines=100` by default, 500 at most; with `follow=true` further ones as they come.",
    input: null,
    answers: {
      200: { description: "JSON objects, one a line.", contentType: "application/x-ndjson" },
      400: { description: "The query is not what it has to be.", schema: REFUSAL },
    },
    stream: streamLogs,
  },
];

function streamEvents(exchange: Exchange, feed: LiveFeed): (() => void) | ApiAnswer {
  if (feed.watcherCount >= WATCHER_COUNT_MAX) return refusal(503, "too many look on");
  const text = new TextStream(exchange, "text/event-stream", FIELDS);
  const send = (event: string, content: string): void => {
    text.write(`event: ${event}\ndata: ${content}\n\n`);
  };
  send("history", JSON.stringify(feed.history));
  for (const line of feed.tail.last(FIRST_LINE_COUNT)) send("log", line.trimEnd());
  const unfollow = feed.tail.follow((line) => send("log", line.trimEnd()));
  const unwatch = feed.watch({
    onSample: (report, point) => send("sample", JSON.stringify({ report, point })),
  });
  return () => {
    unfollow();
    unwatch();
  };
}

function streamLogs(exchange: Exchange, { tail }: LiveFeed, { query }: ApiRequest): (() => void) | ApiAnswer {
  const lines = query.get("lines") ?? String(LINE_COUNT_DEFAULT);
  if (!/^\d{1,3}$/.test(lines) || Number(lines) > LINE_COUNT_MAX) {
    return refusal(400, `\`lines\`: a number from 0 to ${LINE_COUNT_MAX} is allowed`);
  }
  const text = new TextStream(exchange, "application/x-ndjson", FIELDS);
  for (const line of tail.last(Number(lines))) text.write(line);
  if (query.get("follow") === "true") return tail.follow((line) => text.write(line));
  text.end();
  return () => {};
}
