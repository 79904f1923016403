import { FieldBlock } from "./field-block.ts";
import { isText } from "./octet-text.ts";

const NO_FIELDS = new FieldBlock(1);

/**
 * The head of one request as offsets into the bytes it came in: what every HTTP version decodes into and everything above reads from.
 *
 * Reused from request to request: valid from the decoder's return until its connection reads on, so whoever needs more than that copies.
 * Invariant: after a successful decode the head is well formed and unambiguous in its framing (RFC 9112 §6); nothing above checks again.
 */
export class RequestHead {
  bytes: Buffer = Buffer.alloc(0);
  methodStart = 0;
  methodEnd = 0;
  /** The request target exactly as received. */
  targetStart = 0;
  targetEnd = 0;
  /** The path part of the target, not decoded and not normalised; empty for an absolute-form target without one, which means `/`. */
  pathStart = 0;
  pathEnd = 0;
  /** The query without its `?`; empty where there is none. */
  queryStart = 0;
  queryEnd = 0;
  /** The authority: of an absolute-form target where there is one, else of the Host field (RFC 9112 §3.2.2); may be empty. */
  authorityStart = 0;
  authorityEnd = 0;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1; later versions of HTTP behave as 1. */
  versionMinor: 0 | 1 = 1;
  fields: FieldBlock;
  /** The announced length of the body in bytes; -1 when none is announced. */
  contentLength = -1;
  /** True when the body is framed by the chunked transfer coding. */
  isChunked = false;
  /** True when a body follows whose end nothing announces and the protocol marks: the end of an HTTP/2 stream. */
  isOpenEnded = false;
  /** What an extended CONNECT asks to speak on its stream (RFC 8441); empty for every other request. */
  protocolStart = 0;
  protocolEnd = 0;
  /** True when the connection may carry another request after this one (RFC 9112 §9.3). */
  isKeepAlive = true;
  /** True when the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). */
  expectsContinue = false;
  /** True when the client says that it keeps trailers of the response (`TE: trailers`, RFC 9110 §10.1.4), and its version has them. */
  takesTrailers = false;

  /** @param fields where the fields go; `null` when the caller sets them itself. */
  constructor(fields: FieldBlock | null = new FieldBlock()) {
    this.fields = fields ?? NO_FIELDS;
  }

  /** The method as text. Makes a string: not for hot paths. */
  get method(): string {
    return this.bytes.toString("latin1", this.methodStart, this.methodEnd);
  }

  /** The target as received, one UTF-16 unit a byte. Makes a string: not for hot paths. */
  get target(): string {
    return this.bytes.toString("latin1", this.targetStart, this.targetEnd);
  }

  /** The path as received, `/` where the target has none. Makes a string: not for hot paths. */
  get path(): string {
    return this.pathStart === this.pathEnd ? "/" : this.bytes.toString("latin1", this.pathStart, this.pathEnd);
  }

  get query(): string {
    return this.bytes.toString("latin1", this.queryStart, this.queryEnd);
  }

  get authority(): string {
    return this.bytes.toString("latin1", this.authorityStart, this.authorityEnd);
  }

  get protocol(): string {
    return this.bytes.toString("latin1", this.protocolStart, this.protocolEnd);
  }

  /** True for a CONNECT that names what to speak on its stream: here that is WebSocket, for every other protocol is refused (RFC 8441 §4). */
  get isExtendedConnect(): boolean {
    return this.protocolEnd > this.protocolStart;
  }

  /** True when the request announces a body, even an empty chunked one. */
  get hasBody(): boolean {
    return this.isChunked || this.isOpenEnded || this.contentLength > 0;
  }

  /**
   * A copy that owns its bytes, for a request that outlives the turn it arrived in.
   *
   * @param start offset of the head's first byte in `bytes`; every offset lies between it and `end`.
   */
  clone(start: number, end: number): RequestHead {
    const copy = new RequestHead(null);
    copy.bytes = Buffer.from(this.bytes.subarray(start, end));
    // A part that is absent stands at 0, before the head.
    const moved = (offset: number): number => Math.max(0, offset - start);
    copy.methodStart = moved(this.methodStart);
    copy.methodEnd = moved(this.methodEnd);
    copy.targetStart = moved(this.targetStart);
    copy.targetEnd = moved(this.targetEnd);
    copy.pathStart = moved(this.pathStart);
    copy.pathEnd = moved(this.pathEnd);
    copy.queryStart = moved(this.queryStart);
    copy.queryEnd = moved(this.queryEnd);
    copy.authorityStart = moved(this.authorityStart);
    copy.authorityEnd = moved(this.authorityEnd);
    copy.versionMinor = this.versionMinor;
    copy.fields = this.fields.cloneOnto(copy.bytes, start);
    copy.contentLength = this.contentLength;
    copy.isChunked = this.isChunked;
    copy.isOpenEnded = this.isOpenEnded;
    copy.protocolStart = moved(this.protocolStart);
    copy.protocolEnd = moved(this.protocolEnd);
    copy.isKeepAlive = this.isKeepAlive;
    copy.expectsContinue = this.expectsContinue;
    copy.takesTrailers = this.takesTrailers;
    return copy;
  }

  /** A copy that owns all of its bytes, wherever they came from: for a request that is decided on later. */
  detach(): RequestHead {
    const copy = this.clone(0, this.bytes.length);
    if (this.fields.bytes !== this.bytes) copy.fields = this.fields.cloneOnto(Buffer.from(this.fields.bytes), 0);
    return copy;
  }

  /**
   * Lets the head have another target, in origin form: a path that begins with a slash, and perhaps a query. Method, authority and fields stay.
   *
   * @param target one UTF-16 unit a byte, of what a target may be written with.
   */
  retarget(target: string): void {
    const { method, authority, protocol } = this;
    const bytes = Buffer.from(method + authority + protocol + target, "latin1");
    this.bytes = bytes;
    this.methodStart = 0;
    this.methodEnd = method.length;
    this.authorityStart = this.methodEnd;
    this.authorityEnd = this.authorityStart + authority.length;
    this.protocolStart = this.authorityEnd;
    this.protocolEnd = this.protocolStart + protocol.length;
    this.targetStart = this.protocolEnd;
    this.targetEnd = bytes.length;
    const query = target.indexOf("?");
    this.pathStart = this.targetStart;
    this.pathEnd = query === -1 ? this.targetEnd : this.targetStart + query;
    this.queryStart = Math.min(this.pathEnd + 1, this.targetEnd);
    this.queryEnd = this.targetEnd;
  }

  isMethod(name: string): boolean {
    return isText(this.bytes, this.methodStart, this.methodEnd, name);
  }

  isPath(path: string): boolean {
    return isText(this.bytes, this.pathStart, this.pathEnd, path);
  }
}
