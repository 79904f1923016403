import { describe, test } from "bun:test";

import type { ServerConfig } from "../../../src/config/server-config.ts";
import type { ResponseStream } from "../../../src/http/response-stream.ts";
import { fieldBlockOf, type OwnField } from "../../../src/protocols/http/field-list.ts";
import type {
  BehaviourServer,
  HttpLoss,
  HttpPeer,
  HttpVariant,
  PeerAnswer,
  PeerExchange,
} from "../../support/http-peer.ts";
import type { ReceivedRequest } from "../../support/http-server.ts";
import { HTTP_VARIANTS } from "../../support/http-variants.ts";
import { until } from "../../support/until.ts";

/** A server and a client of one version of HTTP. */
export interface BehaviourScene {
  readonly variant: HttpVariant;
  readonly server: BehaviourServer;
  readonly peer: HttpPeer;
  readonly loses: (loss: HttpLoss) => boolean;
}

/** What has to be the same over every version. */
export interface Behaviour {
  readonly title: string;
  readonly config?: Partial<ServerConfig>;
  readonly run: (scene: BehaviourScene) => Promise<void>;
}

/** Holds every version of HTTP to the same behaviours. */
export function describeBehaviours(subject: string, behaviours: readonly Behaviour[]): void {
  describe.each(HTTP_VARIANTS.map((variant) => [variant.name, variant] as const))(
    `${subject} over %s`,
    (_, variant) => {
      test.each(behaviours.map((behaviour) => [behaviour.title, behaviour] as const))(
        "%s",
        async (_title, behaviour) => {
          const { server, connect } = variant.start(behaviour.config);
          using _server = server;
          using peer = await connect();
          await behaviour.run({ variant, server, peer, loses: (loss) => variant.losses.includes(loss) });
        },
      );
    },
  );
}

/** The `count`-th request, once it has come with all that its handler waits for. */
export function untilRequest(server: BehaviourServer, count: number = 1): Promise<ReceivedRequest> {
  return until(`request ${count}`, () => {
    const request = server.requests[count - 1];
    return request !== undefined && (request.isComplete || request.stream !== null) && request;
  });
}

/** The answer, once it has ended one way or the other. */
export function untilEnd(exchange: PeerExchange): Promise<PeerAnswer> {
  return until("the end of the answer", () => exchange.answer.end !== "awaited" && exchange.answer);
}

/** The answer, once `body` has begun like this. */
export function untilBody(exchange: PeerExchange, start: string): Promise<PeerAnswer> {
  return until(`the content ${start}`, () => exchange.answer.body.startsWith(start) && exchange.answer);
}

/** Begins an answer in parts; `taken` collects what its client has taken. */
export function begin(
  request: ReceivedRequest,
  fields: readonly OwnField[] = [],
  taken: number[] = [],
): ResponseStream | null {
  return request.exchange.begin({ status: 200, fields: fieldBlockOf(fields) }, (count) => void taken.push(count));
}

/** Writes text into an answer in parts. */
export function write(body: ResponseStream | null, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  body!.write(bytes, 0, bytes.length);
}
