/** The security headers of every response: they forbid sniffing, framing, and loading from other origins. */
import type { MiddlewareHandler } from 'hono';

/** Sets the headers. `publicOrigin` is the relay's public address, if it is known. */
export function securityHeaders(publicOrigin: string | undefined): MiddlewareHandler {
  const policy = contentSecurityPolicy(publicOrigin);
  return async (c, next) => {
    await next();
    // The runtime makes the response to an upgrade, and its headers cannot be changed.
    if (c.res.status === 101) return;
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Content-Security-Policy', policy);
  };
}

/**
 * Allows only what the relay itself serves, forbids inline scripts and styles, and keeps strings from becoming markup.
 */
function contentSecurityPolicy(publicOrigin: string | undefined): string {
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
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
