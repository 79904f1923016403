import type { Message } from "./context.ts";

/** A message as the engine takes it. What is neither text nor bytes becomes text, as it does in the browser's `send`. */
export function toMessage(message: Message): string | Uint8Array {
  if (typeof message === "string" || message instanceof Uint8Array) return message;
  if (ArrayBuffer.isView(message)) return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  if (message instanceof ArrayBuffer || message instanceof SharedArrayBuffer) return new Uint8Array(message);
  return String(message);
}
