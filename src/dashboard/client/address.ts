/** Where the gateway is: here, or where the hosting of the pages says. */

const named = (): string =>
  document.querySelector('meta[name="edgeclaw-gateway"]')?.getAttribute('content') ?? ''

/** Without a path: `https://gateway.example`. */
export const gatewayOrigin = (): string => named() || location.origin

export const isOwnGateway = (): boolean => gatewayOrigin() === location.origin

export const socketAddress = (): string => `${gatewayOrigin().replace(/^http/, 'ws')}/ws`
