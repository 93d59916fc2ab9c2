/**
 * What is sealed in a server's row, opened for one connection, and at once in the dictionary of whoever
 * opens it, so that no server can have it said back.
 */
import { z } from 'zod'
import type { Services } from '../../api/context.ts'
import { openMcpSecret } from '../../crypto/mcp-secret.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { McpServer } from '../../domain/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { SecretDictionary } from '../../output/secret-dictionary.ts'
import { authorizationSchema, type McpAuthorization } from '../../tools/mcp/authorization.ts'
import type { McpFailure } from '../../tools/mcp/failure.ts'
import type { Settings } from '../env.ts'

export interface McpParts {
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly services: Services
  readonly dictionary: Pick<SecretDictionary, 'register' | 'contains'>
}

const headersSchema = z.record(z.string(), z.string())
export type KeyHeaders = Readonly<z.infer<typeof headersSchema>>

const UNREADABLE: McpFailure = {
  kind: 'unauthorized',
  message: 'its key cannot be read; an admin must set it again',
}

async function openText(
  { services, tenantId, settings }: McpParts,
  server: Pick<McpServer, 'id'>,
  kind: 'sealed_headers' | 'sealed_authorization',
  sealed: string,
): Promise<unknown> {
  const { keyRing } = services
  const { acceptPlaintext } = settings
  const opened = await openMcpSecret(keyRing, tenantId, server.id, kind, sealed, {
    acceptPlaintext,
  })
  return opened.ok ? JSON.parse(opened.value.text) : null
}

export async function openAuthorization(
  parts: McpParts,
  server: Pick<McpServer, 'id' | 'sealedAuthorization'>,
): Promise<Result<McpAuthorization | null, McpFailure>> {
  const { sealedAuthorization: sealed } = server
  if (sealed === null) return ok(null)
  const parsed = authorizationSchema.safeParse(
    await openText(parts, server, 'sealed_authorization', sealed),
  )
  return parsed.success ? ok(parsed.data) : err(UNREADABLE)
}

export async function openHeaders(
  parts: McpParts,
  server: McpServer,
): Promise<Result<KeyHeaders, McpFailure>> {
  if (server.sealedHeaders === null) return ok({})
  const opened = await openText(parts, server, 'sealed_headers', server.sealedHeaders)
  const parsed = headersSchema.safeParse(opened)
  return parsed.success ? ok(parsed.data) : err(UNREADABLE)
}

export function registerSecrets(
  { dictionary }: McpParts,
  headers: KeyHeaders,
  authorization: McpAuthorization | null,
): void {
  for (const value of Object.values(headers)) {
    dictionary.register(value)
    // `Bearer …`: the secret is what follows the scheme.
    const token = value.slice(value.indexOf(' ') + 1)
    if (token !== value) dictionary.register(token)
  }
  const { tokens, client } = authorization ?? {}
  for (const secret of [tokens?.access_token, tokens?.refresh_token, client?.client_secret]) {
    if (secret !== undefined) dictionary.register(secret)
  }
}

/** Keys that stand in an address are keys all the same. */
export function registerUrl({ dictionary }: McpParts, url: URL): void {
  for (const value of url.searchParams.values()) dictionary.register(value)
}
