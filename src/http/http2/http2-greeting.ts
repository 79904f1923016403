import type { ServerConfig } from "../../config/server-config.ts";
import { Arena } from "../../kernel/arena.ts";
import { INITIAL_WINDOW_BYTES } from "../../protocols/http2/frame.ts";
import { encodeSettings, encodeWindowUpdate } from "../../protocols/http2/frame-encoder.ts";
import { headerListBytesMax } from "../../protocols/http2/limits.ts";
import { SETTING } from "../../protocols/http2/settings.ts";

/** Encodes what a server says first: SETTINGS, and the connection's window, which no setting enlarges. RFC 9113 §3.4 and §6.9.2. */
export function encodeGreeting(
  { http2, limits }: Pick<ServerConfig, "http2" | "limits">,
  takesWebSockets: boolean,
): Buffer {
  const arena = new Arena();
  encodeSettings(arena, [
    [SETTING.maxConcurrentStreams, http2.concurrentStreamCountMax],
    [SETTING.initialWindowSize, http2.streamWindowBytes],
    [SETTING.maxHeaderListSize, headerListBytesMax(limits)],
    [SETTING.enableConnectProtocol, takesWebSockets ? 1 : 0],
  ]);
  const increment = http2.connectionWindowBytes - INITIAL_WINDOW_BYTES;
  if (increment > 0) encodeWindowUpdate(arena, 0, increment);
  return arena.copyOut();
}
