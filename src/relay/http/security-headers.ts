/** The headers that guard every answer: nothing is sniffed, framed, or loaded from anywhere else. */
import type { MiddlewareHandler } from 'hono';

/** Sets the headers. `publicOrigin` is the address that people use, where it is known. */
export function securityHeaders(publicOrigin: string | undefined): MiddlewareHandler {
  const policy = contentSecurityPolicy(publicOrigin);
  return async (c, next) => {
    await next();
    // The runtime makes the answer to an upgrade, and it cannot be changed.
    if (c.res.status === 101) return;
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Content-Security-Policy', policy);
  };
}

/** Nothing but what the relay itself serves, no inline script or style, and no string ever becomes markup. */
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
