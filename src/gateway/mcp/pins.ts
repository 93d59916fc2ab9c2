/**
 * Compares what a server says of its tools with what an admin agreed to. A tool that has changed is out
 * of use from that moment, for every run, until somebody agrees to what it is now.
 */
import { changeTenant } from '../../api/tenant-change.ts'
import { findMcpServer, updateMcpServer } from '../../db/mcp-servers.ts'
import type { McpServer, McpTool } from '../../domain/mcp.ts'
import { securityEvent } from '../../domain/security-event.ts'
import { neutralise } from '../../output/mark-untrusted.ts'
import { hashOfTool, type ListedTool, pinTools } from '../../tools/mcp/pin.ts'
import type { Report } from '../emit.ts'
import type { McpParts } from './secrets.ts'

export const neutral = (text: string): string => neutralise(text).text

export type SeenHashes = ReadonlyMap<string, string>

/** Of the tools that are pinned; what else the server lists is nobody's business yet. */
export async function hashesOf(
  server: McpServer,
  listed: readonly ListedTool[],
): Promise<{ readonly seen: SeenHashes; readonly changed: readonly ListedTool[] }> {
  const pinned = new Map(server.tools.map((tool) => [tool.name, tool]))
  const seen = new Map<string, string>()
  const changed: ListedTool[] = []
  for (const tool of listed) {
    const pin = pinned.get(tool.name)
    // The first of a name answers for it: a second could only be meant to hide the first.
    if (pin === undefined || seen.has(tool.name)) continue
    const hash = await hashOfTool(tool)
    seen.set(tool.name, hash)
    if (hash !== pin.hash) changed.push(tool)
  }
  return { seen, changed }
}

/** A server that writes its key into a description would have every model told of it. */
export const withoutSecrets = <Item>(
  listed: readonly Item[],
  dictionary: McpParts['dictionary'],
): readonly Item[] => listed.filter((item) => !dictionary.contains(JSON.stringify(item)))

/** As it is offered no more; its new words are kept for the admin who shall agree to them. */
async function changedPin(
  { dictionary }: McpParts,
  server: McpServer,
  pin: McpTool,
  listed: ListedTool,
): Promise<McpTool> {
  const { tools } = await pinTools(server.name, withoutSecrets([listed], dictionary), neutral)
  const [now] = tools
  return now === undefined ? { ...pin, agreedHash: null } : { ...now, agreedHash: pin.agreedHash }
}

export async function noteChanges(
  parts: McpParts,
  server: McpServer,
  changed: readonly ListedTool[],
  report: Report,
): Promise<void> {
  const { services, tenantId } = parts
  for (const { name } of changed) {
    const offered = server.tools.find((tool) => tool.name === name)?.offeredName ?? ''
    report(securityEvent('mcp_tool_changed', { server: server.id, tool: offered }))
  }
  const row = await findMcpServer(services.database(tenantId), tenantId, server.id)
  if (row === null || row.url !== server.url) return
  const byName = new Map(changed.map((listed) => [listed.name, listed]))
  const tools = await Promise.all(
    row.tools.map((pin) => {
      const listed = byName.get(pin.name)
      return listed === undefined ? pin : changedPin(parts, row, pin, listed)
    }),
  )
  // Whoever changed the row at the same moment has looked at the server, or this is seen again.
  await changeTenant(services, tenantId, () =>
    updateMcpServer(services.database(tenantId), tenantId, row, { tools }, services.now()),
  )
}
