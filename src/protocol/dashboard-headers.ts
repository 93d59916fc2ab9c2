/** The headers under which the dashboard is served, by the gateway itself and by whatever else hosts it. */

/** @param gateway origin that the pages speak to, where it is not their own: `https://gateway.example` */
export function dashboardHeaders(gateway: string | null): readonly (readonly [string, string])[] {
  const connect = gateway === null ? "'self'" : `${gateway} ${gateway.replace(/^http/, 'ws')}`
  return [
    [
      'content-security-policy',
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        // Pictures of a workspace are fetched with the caller's credential and shown from memory.
        "img-src 'self' data: blob:",
        "font-src 'self'",
        `connect-src ${connect}`,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    ],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['x-frame-options', 'DENY'],
    ['cross-origin-opener-policy', 'same-origin'],
  ]
}

/** Names of assets hold a hash of their contents: what a name means never changes. */
export const cacheControlOf = (pathname: string): string =>
  pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
