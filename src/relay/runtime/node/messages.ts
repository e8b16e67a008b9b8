/**
 * Node's request and response with three corrections: only a WebSocket handshake counts as an upgrade, nothing more is
 * parsed of a connection that is closed, and an answer without a body has no headers of a body.
 */
import { IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

export class HttpRequest extends IncomingMessage {
  /**
   * Node gives every request with an `Upgrade` header to the listener for upgrades as soon as there is one. But an offer
   * of `h2c` is to be ignored, and the request answered (RFC 9110, section 7.8).
   *
   * Node's parser stops at an upgrade. Otherwise it would go on through all that it has of a connection that was closed
   * meanwhile, which may be 2,000 requests.
   */
  get upgrade(): boolean {
    if (this.socket.destroyed) return true;
    if (this.method === 'CONNECT') return true;
    const { upgrade, connection } = this.headers;
    return (
      this.method === 'GET' &&
      this.httpVersion !== '1.0' &&
      upgrade?.trim().toLowerCase() === 'websocket' &&
      /(^|,)\s*upgrade\s*(,|$)/i.test(connection ?? '')
    );
  }

  /** Node's parser sets this to whether there is any `Upgrade` header. */
  set upgrade(_) {}
}

/** After these statuses the connection is closed, so that a client cannot go on over it at once. */
const CLOSING = new Set([400, 408, 413, 417, 429, 431, 503]);

export class HttpResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    if (CLOSING.has(status)) this.shouldKeepAlive = false;
    const [text, fields] = typeof reason === 'string' ? [reason, headers] : [undefined, reason];
    // `@hono/node-server` gives every answer a type. A cache would take that of a 304 for the stored answer's.
    if (hasNoBody(status) && fields && !Array.isArray(fields)) delete fields['content-type'];
    return text === undefined ? super.writeHead(status, fields) : super.writeHead(status, text, fields);
  }
}

/** No answer of ours with one of these statuses has a body: 204, 304 and redirects. */
function hasNoBody(status: number): boolean {
  return status === 204 || (status >= 300 && status < 400);
}
