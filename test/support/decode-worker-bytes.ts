import { Segments } from "../../src/kernel/segments.ts";
import { fieldListOf } from "../../src/protocols/http/field-list.ts";
import type { WorkerHello } from "../../src/protocols/worker/handshake.ts";
import type { ResponsePart } from "../../src/protocols/worker/frame-type.ts";
import { ResponseDecoder } from "../../src/protocols/worker/response-decoder.ts";
import type { ActionList, SocketAction } from "../../src/protocols/worker/socket-action.ts";
import { WorkerProtocolError } from "../../src/protocols/worker/worker-protocol-error.ts";
import type { EventAnswer, WorkerResponse } from "../../src/protocols/worker/worker-response.ts";

/** Which part of a response it is: `response` for one that is whole. */
export interface PlainPart {
  readonly part: ResponsePart;
  readonly response: PlainResponse;
}

/** A response as the vectors write it: bytes are text of one character a byte. */
export interface PlainResponse {
  readonly id: number;
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly error: string | null;
  /** Only where there are any. */
  readonly trailers?: readonly (readonly [name: string, value: string])[];
  /** Only where they cannot be sent. */
  readonly trailersError?: true;
  /** Only where it answers an event of a WebSocket. */
  readonly event?: { readonly actions: PlainActions; readonly protocol: string | null; readonly state: string | null };
  readonly usage: {
    readonly req_count: number;
    readonly mem_usage: number;
    readonly mem_peak: number;
    readonly recycle: boolean;
  };
}

/** Actions as the vectors write them, or the reason why nothing of them is done. */
export type PlainActions = readonly Readonly<Record<string, string | number | boolean | null>>[] | string;

/** An action with the request it came for, as the vectors write it. */
export type PlainOwnAction = Readonly<Record<string, string | number | boolean | null>>;

/** Everything a decoder said while it was fed. */
export interface Decoded {
  readonly responses: readonly PlainResponse[];
  /** What came in parts, in order. */
  readonly parts: readonly PlainPart[];
  readonly hellos: readonly WorkerHello[];
  /** What more of their bodies requests may be sent. */
  readonly credits: readonly { readonly id: number; readonly byteCount: number }[];
  /** The numbers of the pings that were answered. */
  readonly pongs: readonly number[];
  /** Actions that came on their own, in order. */
  readonly actionLists: readonly PlainActions[];
  /** What was done with WebSockets that requests have become, in order. */
  readonly ownActions: readonly PlainOwnAction[];
  /** The code of what it threw; `null` when it threw nothing. Anything but a `WorkerProtocolError` is thrown on. */
  readonly fault: string | null;
  /** Bytes that wait for more. */
  readonly waitingBytes: number;
}

/** Feeds `chunks` to a new decoder, one after the other, until it throws. */
export function decodeWorkerBytes(chunks: readonly Buffer[], frameBytesMax: number = 10 * 1024 * 1024): Decoded {
  const decoder = new ResponseDecoder({ frameBytesMax });
  const segments = new Segments();
  const responses: PlainResponse[] = [];
  const hellos: WorkerHello[] = [];
  const pongs: number[] = [];
  const credits: { readonly id: number; readonly byteCount: number }[] = [];
  const parts: PlainPart[] = [];
  const ownActions: PlainOwnAction[] = [];
  const actionLists: PlainActions[] = [];
  const keep = (part: ResponsePart) => (response: WorkerResponse) =>
    void parts.push({ part, response: plainResponse(response) });
  const sink = {
    onResponse: (response: WorkerResponse) => void responses.push(plainResponse(response)),
    onInterim: keep("interim"),
    onHead: keep("head"),
    onChunk: keep("chunk"),
    onBodyEnd: keep("end"),
    onHello: (hello: WorkerHello) => void hellos.push(hello),
    onCredit: (id: number, byteCount: number) => void credits.push({ id, byteCount }),
    onActions: (list: ActionList) => void actionLists.push(plainActions(list)),
    onOwnAction: (id: number, action: SocketAction | string) => void ownActions.push({ id, ...plainAction(action) }),
    onPong: (n: number) => void pongs.push(n),
  };
  let fault: string | null = null;
  for (const chunk of chunks) {
    segments.append(Buffer.from(chunk));
    try {
      decoder.decode(segments, sink);
    } catch (error) {
      if (!(error instanceof WorkerProtocolError)) throw error;
      fault = error.code;
      break;
    }
  }
  return {
    responses,
    parts,
    hellos,
    credits,
    pongs,
    actionLists,
    ownActions,
    fault,
    waitingBytes: segments.byteLength,
  };
}

/** Copies actions, or tells why there are none; bytes are text of one character a byte. */
export function plainActions({ actions, refusal }: ActionList): PlainActions {
  return refusal ?? actions.map(plainAction);
}

function plainAction(action: SocketAction | string): PlainOwnAction {
  if (typeof action === "string") return { refusal: action };
  if (!("bytes" in action)) return { ...action };
  const { bytes, start, end, ...rest } = action;
  return { ...rest, data: bytes.toString("latin1", start, end) };
}

/** Copies what is valid during a sink's call only. */
export function plainResponse({
  id,
  status,
  fields,
  trailers,
  trailersError,
  error,
  usage,
  event,
  ...body
}: WorkerResponse): PlainResponse {
  return {
    id,
    status,
    fields: fieldListOf(fields),
    body: body.bodyBytes.toString("latin1", body.bodyStart, body.bodyEnd),
    error,
    ...(trailers.count > 0 && { trailers: fieldListOf(trailers) }),
    ...(trailersError !== null && { trailersError: true }),
    ...(event !== null && { event: plainEvent(event) }),
    usage: {
      req_count: usage.requestCount,
      mem_usage: usage.memoryBytes,
      mem_peak: usage.memoryPeakBytes,
      recycle: usage.wantsRecycling,
    },
  };
}

function plainEvent({ actions, protocol, state }: EventAnswer): NonNullable<PlainResponse["event"]> {
  return {
    actions: plainActions({ actions, refusal: null }),
    protocol,
    state: state === null ? null : state.toString("latin1"),
  };
}
