/** The address of a gateway as a person gives it: checked before a credential is sent anywhere. */
import { usageFailure } from './failure.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

export const isLoopbackUrl = (url: URL): boolean => LOOPBACK.test(url.hostname)

/** Whether whoever stands in between could read what is sent. */
export const isReadableInBetween = (url: URL): boolean =>
  /^(?:http|ws):$/.test(url.protocol) && !isLoopbackUrl(url)

/**
 * @returns the origin alone.
 * @throws CliFailure for anything but `http(s)://host[:port]`, and never repeats a password in it.
 */
export function parseGatewayUrl(text: string): URL {
  if (!URL.canParse(text)) {
    const hint = /^[\w.-]+(?::\d+)?$/.test(text) ? ` Did you mean https://${text}?` : ''
    throw usageFailure(`the URL of a gateway looks like https://gateway.example.${hint}`)
  }
  const url = new URL(text)
  if (!/^https?:$/.test(url.protocol))
    throw usageFailure('the URL of a gateway begins with https:// (or http:// on this machine)')
  if (url.username !== '' || url.password !== '')
    throw usageFailure('the URL of a gateway holds no user and no password: it ends in logs')
  if (url.search !== '' || url.hash !== '' || url.pathname !== '/')
    throw usageFailure('the URL of a gateway ends with its host and port')
  return url
}
