/**
 * What a standard WebSocket client does in the conversation test: sends text and bytes of many sizes, waits for each echo, closes, and
 * tells what it saw. Plain JavaScript, so that Node runs the same file as Bun.
 */
const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];

/**
 * @param {string} url
 * @returns {Promise<{ protocol: string, extensions: string, echoCount: number, code: number, reason: string, wasClean: boolean }>}
 */
export function holdDialogue(url) {
  const socket = new WebSocket(url, ["vilya.test"]);
  socket.binaryType = "arraybuffer";
  const messages = LENGTHS.flatMap((length) => [
    "é€\u{1f600} text ".repeat(length).slice(0, length),
    new Uint8Array(length).map((_, index) => (index * 7919) >> 4),
  ]);
  let echoCount = 0;
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => socket.send(messages[0]));
    socket.addEventListener("message", ({ data }) => {
      const sent = messages[echoCount];
      if (!isSame(sent, data)) reject(new Error(`Cannot go on: echo ${echoCount} differs from what was sent`));
      echoCount++;
      if (echoCount < messages.length) socket.send(messages[echoCount]);
      else socket.close(4321, "that was all");
    });
    socket.addEventListener("error", () => reject(new Error(`Cannot go on: failed after ${echoCount} echoes`)));
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      const { protocol, extensions } = socket;
      resolve({ protocol, extensions, echoCount, code, reason, wasClean });
    });
  });
}

function isSame(sent, received) {
  if (typeof sent === "string") return sent === received;
  return received instanceof ArrayBuffer && Buffer.from(sent).equals(Buffer.from(received));
}

if (process.argv[2] === "dialogue") process.stdout.write(JSON.stringify(await holdDialogue(process.argv[3])));
