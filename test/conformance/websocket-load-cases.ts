import { close, frame } from "../support/websocket-frames.ts";
import { closeEvent, cutsEvery, messageEvent, type WebSocketEvent } from "./websocket-case.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** The largest message of Autobahn's section 9. */
export const LOAD_MESSAGE_BYTES_MAX: number = 16 * MIB;

const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENT_SIZES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const CHOP_SIZES = [64, 128, 256, 512, KIB, 2 * KIB];
const SMALL_SIZES = [0, 16, 64, 256, KIB, 4 * KIB];
const SMALL_COUNT = 1_000;

/** Much on one connection. Made when it is read: together they are some hundred megabytes. */
export interface WebSocketLoadCase {
  readonly id: string;
  readonly name: string;
  /** Default: the client writes everything at once. */
  readonly chopBytes?: number;
  readonly frames: () => Buffer[];
  readonly expect: () => WebSocketEvent[];
}

type Kind = "text" | "binary";
const OPCODES = { text: 1, binary: 2 } as const;

/** Sections 9.1 and 9.2, 9.3 and 9.4 and so on ask the same of text and of binary messages. */
function sections(textSection: string, binarySection: string): readonly (readonly [section: string, kind: Kind])[] {
  return [
    [textSection, "text"],
    [binarySection, "binary"],
  ];
}

const whole = sections("9.1", "9.2").flatMap(([section, kind]) =>
  SIZES.map((size, index) => load(`${section}.${index + 1}`, kind, { size })),
);

const fragmented = sections("9.3", "9.4").flatMap(([section, kind]) =>
  FRAGMENT_SIZES.map((fragmentBytes, index) => load(`${section}.${index + 1}`, kind, { size: 4 * MIB, fragmentBytes })),
);

const littleByLittle = sections("9.5", "9.6").flatMap(([section, kind]) =>
  CHOP_SIZES.map((chopBytes, index) => load(`${section}.${index + 1}`, kind, { size: MIB, chopBytes })),
);

const many = sections("9.7", "9.8").flatMap(([section, kind]) =>
  SMALL_SIZES.map((size, index) => load(`${section}.${index + 1}`, kind, { size, count: SMALL_COUNT })),
);

export const WEBSOCKET_LOAD_CASES: readonly WebSocketLoadCase[] = [...whole, ...fragmented, ...littleByLittle, ...many];

interface Load {
  readonly size: number;
  readonly count?: number;
  readonly fragmentBytes?: number;
  readonly chopBytes?: number;
}

function load(
  id: string,
  kind: Kind,
  { size, count = 1, fragmentBytes = Infinity, chopBytes }: Load,
): WebSocketLoadCase {
  const payload = () => Buffer.alloc(size, kind === "text" ? "BAsd7&jh23" : Buffer.of(0, 255, 254, 253));
  const parts = [
    `${count > 1 ? `${count} ${kind} messages` : `a ${kind} message`} of ${size} bytes`,
    ...(fragmentBytes < Infinity ? [`in fragments of ${fragmentBytes}`] : []),
    ...(chopBytes === undefined ? [] : [`written ${chopBytes} octets at a time`]),
  ];
  return {
    id,
    name: parts.join(" "),
    ...(chopBytes !== undefined && { chopBytes }),
    frames: () => [
      ...Array.from({ length: count }, () => inFragments(payload(), kind, fragmentBytes)).flat(),
      close(1000),
    ],
    expect: () => [...Array.from({ length: count }, () => messageEvent(kind, payload())), closeEvent(1000)],
  };
}

function inFragments(payload: Buffer, kind: Kind, fragmentBytes: number): Buffer[] {
  return [0, ...cutsEvery(fragmentBytes, payload.length)].map((at, index) =>
    frame({
      fin: at + fragmentBytes >= payload.length ? 1 : 0,
      opcode: index === 0 ? OPCODES[kind] : 0,
      payload: payload.subarray(at, Math.min(payload.length, at + fragmentBytes)),
    }),
  );
}
