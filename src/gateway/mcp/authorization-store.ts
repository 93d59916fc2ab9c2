/**
 * Where a run's connection keeps the tokens that it refreshed. Of two runs that refresh at once one
 * wins, and the other takes what that one stored: an authorisation server may end a token that is used
 * twice.
 */
import { changeTenant } from '../../api/tenant-change.ts'
import { sealMcpSecret } from '../../crypto/mcp-secret.ts'
import { findMcpServer, updateMcpServer } from '../../db/mcp-servers.ts'
import type { McpServer } from '../../domain/mcp.ts'
import type { McpAuthorization } from '../../tools/mcp/authorization.ts'
import { type McpParts, openAuthorization } from './secrets.ts'

export interface AuthorizationStore {
  load(): Promise<McpAuthorization | null>
  save(refreshed: McpAuthorization): Promise<McpAuthorization>
}

export function createAuthorizationStore(
  parts: McpParts,
  server: Pick<McpServer, 'id' | 'url' | 'sealedAuthorization'>,
  onOpened: (authorization: McpAuthorization) => void,
): AuthorizationStore {
  const { services, tenantId } = parts
  const { origin } = new URL(server.url)
  let known = server.sealedAuthorization
  const now = () => findMcpServer(services.database(tenantId), tenantId, server.id)

  const openOf = async (row: McpServer): Promise<McpAuthorization | null> => {
    const opened = await openAuthorization(parts, row)
    if (!opened.ok || opened.value === null) return null
    onOpened(opened.value)
    known = row.sealedAuthorization
    return opened.value
  }

  return {
    load: async () => {
      const row = await now()
      // A server that moved meanwhile has tokens that are not for the one we talk to.
      return row === null || new URL(row.url).origin !== origin ? null : openOf(row)
    },
    save: async (refreshed) => {
      onOpened(refreshed)
      const text = JSON.stringify(refreshed)
      const sealed = await sealMcpSecret(
        services.keyRing,
        tenantId,
        server.id,
        'sealed_authorization',
        text,
      )
      const row = await now()
      if (row === null || new URL(row.url).origin !== origin) return refreshed
      if (row.sealedAuthorization !== known) return (await openOf(row)) ?? refreshed
      await changeTenant(services, tenantId, () =>
        updateMcpServer(
          services.database(tenantId),
          tenantId,
          row,
          { sealedAuthorization: sealed },
          services.now(),
        ),
      )
      known = sealed
      return refreshed
    },
  }
}
