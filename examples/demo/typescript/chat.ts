import type { WebSocketHandler } from "vilya";

const ROOM = "room";
const NAME_LENGTH_MAX = 30;
const TEXT_LENGTH_MAX = 1_000;

/** Who somebody is, by the query of the request that becomes a WebSocket; empty when it does not say. */
export function nameFrom(query: URLSearchParams): string {
  return (query.get("name") ?? "").trim().slice(0, NAME_LENGTH_MAX);
}

/** The room as TypeScript serves it. Topics are the engine's: what is said here reaches those whom the PHP app let in, too. */
export const chat: WebSocketHandler<string> = {
  open(socket) {
    const line = lineOf("joined", socket.data);
    socket.subscribe(ROOM);
    socket.send(line);
    socket.publish(ROOM, line);
  },

  message(socket, message) {
    if (typeof message !== "string") {
      socket.close(1003, "text only");
      return;
    }
    const line = lineOf("said", socket.data, message.slice(0, TEXT_LENGTH_MAX));
    socket.send(line);
    socket.publish(ROOM, line);
  },

  close(socket) {
    socket.publish(ROOM, lineOf("left", socket.data));
  },
};

function lineOf(kind: "joined" | "said" | "left", name: string, text = ""): string {
  return JSON.stringify({ kind, name, text, via: "TypeScript" });
}
