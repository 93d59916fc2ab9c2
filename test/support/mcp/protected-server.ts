/** An MCP server that lets in who bears a token of its authorisation server, and names that one. */
import type { FakeAuthorizationServer } from './authorization-server.ts'
import { answerJson, type FakeMcp, type Misbehave } from './server.ts'

const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp'

const bearerOf = (header: string | string[] | undefined): string =>
  String(header ?? '').replace('Bearer ', '')

/** @param issuer asked anew for each request, so that a test may put another in its place */
export const protectedBy =
  (server: Pick<FakeMcp, 'origin' | 'url'>, issuer: () => FakeAuthorizationServer): Misbehave =>
  ({ url, headers }, response) => {
    if (url === METADATA_PATH) {
      const authorization_servers = [issuer().url]
      return answerJson(response, { resource: server.url, authorization_servers })
    }
    if (issuer().good.has(bearerOf(headers['authorization']))) return undefined
    const metadata = `${server.origin}${METADATA_PATH}`
    response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` }).end()
    return true
  }
