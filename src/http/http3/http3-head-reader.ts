import { HttpError } from "../../protocols/http/http-error.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { Http2StreamError } from "../../protocols/http2/http2-error.ts";
import type { Http2Limits } from "../../protocols/http2/limits.ts";
import { RequestSection } from "../../protocols/http2/request-section.ts";

/** What the runtime writes in front of an authority; HTTP/3 knows no other scheme here. */
const SCHEME = "https://";

/** The runtime tells no stream ids. */
const NO_STREAM = 0;

/**
 * Makes a `RequestHead` of a request that the runtime's HTTP/3 layer has taken apart already, by way of the section that HTTP/2 decodes into:
 * the rules and limits of both are the same (RFC 9114 §4.2 and §4.3 are RFC 9113 §8.2 and §8.3).
 *
 * What that layer has changed stays changed: the target is normalised, fields are sorted and those of one name joined. Its `Host` is the
 * authority as it came, while the URL's is rewritten.
 */
export class Http3HeadReader {
  readonly #section: RequestSection;

  constructor(limits: Http2Limits) {
    this.#section = new RequestSection(limits, false);
  }

  /**
   * Reads the head of `request`, good until the next call.
   *
   * @throws {HttpError} what is not well formed or exceeds a limit, with the status to answer.
   */
  read(request: Request): RequestHead {
    const section = this.#section;
    section.start(NO_STREAM);
    this.#add(":method", request.method);
    this.#add(":scheme", "https");
    this.#add(":path", targetOf(request.url));
    for (const [name, value] of request.headers) this.#add(name, value);
    try {
      section.finish(request.body === null);
    } catch (error) {
      if (!(error instanceof Http2StreamError)) throw error;
      throw new HttpError("VILYA_HTTP_BAD_REQUEST", 400, error.message);
    }
    return section.head;
  }

  /** As `read`, of bytes of its own: for a request that outlives the turn. */
  readCopy(request: Request): RequestHead {
    const head = this.read(request);
    const { start, end } = this.#section.text;
    return head.clone(start, end);
  }

  #add(name: string, value: string): void {
    const { text, isFull } = this.#section;
    if (isFull) return;
    const nameStart = text.end;
    text.writeLatin1(name);
    const valueStart = text.end;
    text.writeLatin1(value);
    this.#section.onField(nameStart, valueStart, text.end);
  }
}

/** The target of a URL as the runtime gives it; where the Host is none, that is the target alone. */
function targetOf(url: string): string {
  if (!url.startsWith(SCHEME)) return url;
  const slash = url.indexOf("/", SCHEME.length);
  return slash === -1 ? "/" : url.slice(slash);
}
