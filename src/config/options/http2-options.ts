import { GIB, KIB, MIB } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { integer } from "../types/option-type.ts";
import { byteSize } from "../types/quantity.ts";

/** RFC 9113 §6.9.2: a window is never smaller than this before SETTINGS arrive, and cannot be larger than 31 bits say. */
const WINDOW_BYTES_MIN = 65_535;
const WINDOW_BYTES_MAX = GIB;

export const maxConcurrentStreams: Option<number> = {
  kind: "value",
  key: "server.http2.max_concurrent_streams",
  type: integer({ min: 1, max: 10_000 }),
  default: 128,
  summary:
    "Requests one connection may have open at once. More are refused in a way that lets the client try them again.",
  guards: "One connection that asks for more at once than a thousand others.",
  replaces: "front",
};

export const streamWindow: Option<number> = {
  kind: "value",
  key: "server.http2.stream_window",
  type: byteSize({ min: WINDOW_BYTES_MIN, max: WINDOW_BYTES_MAX }),
  default: 256 * KIB,
  summary:
    "How many bytes of one request body a client may send ahead of their being stored. An upload moves at most this much per round trip.",
  guards: "Uploads faster than the disk they are spooled to.",
  replaces: "front",
};

export const connectionWindow: Option<number> = {
  kind: "value",
  key: "server.http2.connection_window",
  type: byteSize({ min: WINDOW_BYTES_MIN, max: WINDOW_BYTES_MAX }),
  default: MIB,
  summary: "The same for all request bodies of one connection together.",
  guards: "Many uploads on one connection.",
  replaces: "front",
};

export const sendBuffer: Option<number> = {
  kind: "value",
  key: "server.http2.send_buffer",
  type: byteSize({ min: 64 * KIB, max: GIB }),
  default: MIB,
  summary:
    "Bytes of responses that may wait in memory for one connection's client. What goes past it waits in a file in `body_dir`, and further requests of the connection wait, too.",
  guards: "Clients that ask for much and open no window to take it in.",
  replaces: "front",
};

export const maxResets: Option<number> = {
  kind: "value",
  key: "server.http2.max_resets",
  type: integer({ min: 1, max: 1_000_000 }),
  default: 200,
  summary:
    "Streams that may end in a reset or a refusal more often than in an answer, whoever resets them, within half a minute; then the connection ends with `ENHANCE_YOUR_CALM`.",
  guards:
    "Rapid reset (CVE-2023-44487), MadeYouReset (CVE-2025-8671), and headers too large by intention: work that is asked for and thrown away.",
  replaces: "front",
};

export const maxIdleFrames: Option<number> = {
  kind: "value",
  key: "server.http2.max_idle_frames",
  type: integer({ min: 10, max: 1_000_000 }),
  default: 1_000,
  summary:
    "Frames that move nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, CONTINUATION, empty DATA, unknown ones) a client may send within half a minute, beyond what its requests and their bodies account for, windows for what it was sent among them; then the connection ends with `ENHANCE_YOUR_CALM`.",
  guards:
    "Floods of frames that are cheap to send and take work to answer (CVE-2019-9511 to 9518), CONTINUATION floods (CVE-2024-27316), and windows opened byte by byte.",
  replaces: "front",
};

/** The `server.http2` section. */
export const http2Section: Section = {
  key: "server.http2",
  summary: "What one HTTP/2 connection may take. Headers are bounded by `server.limits`, as in HTTP/1.1.",
  options: [maxConcurrentStreams, streamWindow, connectionWindow, sendBuffer, maxResets, maxIdleFrames],
};
