/**
 * The security headers of every response: they forbid sniffing, framing, and loading from other origins. The build writes
 * them for the files that Workers serves without the relay.
 */
import type { MiddlewareHandler } from 'hono';

/** Sets the headers. `publicOrigin` is the relay's public address, if it is known. */
export function securityHeaders(publicOrigin: string | undefined): MiddlewareHandler {
  const headers = securityHeadersFor(publicOrigin);
  return async (c, next) => {
    await next();
    // The runtime makes the response to an upgrade, and its headers cannot be changed.
    if (c.res.status === 101) return;
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
  };
}

/** Lets pages of these origins frame what this is mounted for. To be mounted before {@link securityHeaders}. */
export function framing(origins: '*' | readonly string[], publicOrigin: string | undefined): MiddlewareHandler {
  const policy = contentSecurityPolicy(publicOrigin, origins === '*' ? '*' : origins.join(' '));
  return async (c, next) => {
    await next();
    if (c.res.status !== 101) c.header('Content-Security-Policy', policy);
  };
}

/** The headers by name. */
export function securityHeadersFor(publicOrigin: string | undefined): Readonly<Record<string, string>> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Content-Security-Policy': contentSecurityPolicy(publicOrigin),
  };
}

/**
 * Allows only what the relay itself serves, forbids inline scripts and styles, and keeps strings from becoming markup.
 */
function contentSecurityPolicy(publicOrigin: string | undefined, framedBy = "'none'"): string {
  const host =
    publicOrigin === undefined ? '' : ` ws://${new URL(publicOrigin).host} wss://${new URL(publicOrigin).host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self'${host}`,
    "img-src 'self' data:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${framedBy}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
