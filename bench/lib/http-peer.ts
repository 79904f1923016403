interface Client {
  receivedBytes: number;
}

const HEAD_END = "\r\n\r\n";

/** Connections that each send a request at the same moment; answers are told by their length, which is the same for all. */
export class HttpPeer implements Disposable {
  readonly #sockets: Bun.Socket<Client>[] = [];
  #answerBytes = Infinity;
  #missing = 0;
  #answered: () => void = () => {};

  static async connect(port: number, connections: number): Promise<HttpPeer> {
    const peer = new HttpPeer();
    for (let index = 0; index < connections; index++) {
      const socket = await Bun.connect<Client>({
        hostname: "127.0.0.1",
        port,
        data: { receivedBytes: 0 },
        socket: { data: (each, chunk) => peer.#receive(each.data, chunk) },
      });
      peer.#sockets.push(socket);
    }
    return peer;
  }

  /** Sends the request over every connection, and waits for all answers. */
  async ask(request: Buffer): Promise<void> {
    this.#missing = this.#sockets.length;
    const answered = new Promise<void>((resolve) => (this.#answered = resolve));
    for (const socket of this.#sockets) {
      socket.data.receivedBytes = 0;
      socket.write(request);
    }
    await answered;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.end();
  }

  #receive(client: Client, chunk: Buffer): void {
    client.receivedBytes += chunk.length;
    if (this.#answerBytes === Infinity) this.#answerBytes = lengthOfAnswer(chunk);
    if (client.receivedBytes === this.#answerBytes && --this.#missing === 0) this.#answered();
  }
}

/** @throws when its head is not all there, or says no length. */
function lengthOfAnswer(chunk: Buffer): number {
  const head = chunk.toString("latin1", 0, chunk.indexOf(HEAD_END) + HEAD_END.length);
  const length = /^content-length: (\d+)\r$/im.exec(head);
  if (!head.startsWith("HTTP/1.1 200 ") || length === null) throw new Error(`Cannot measure an answer: ${head}`);
  return head.length + Number(length[1]);
}
