/**
 * A run's connections to MCP servers: one for each server, made when a tool of it is first called, kept
 * for the next call, gone with the run. Each harms its own calls alone.
 */
import type { AgentRecord } from '../../domain/agent-record.ts'
import { type McpServer, mayUseServer } from '../../domain/mcp.ts'
import type { McpCall, McpPort } from '../../domain/ports/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { securityEvent } from '../../domain/security-event.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import { logError } from '../../telemetry/log.ts'
import type { McpConnection } from '../../tools/mcp/client.ts'
import type { McpFailure } from '../../tools/mcp/failure.ts'
import { readResult } from '../../tools/mcp/result.ts'
import type { Report } from '../emit.ts'
import { hashesOf, noteChanges, type SeenHashes } from './pins.ts'
import type { McpParts } from './secrets.ts'

/** A server that did not answer is not waited for again by every call of the run. */
const COOL_DOWN_MS = 30_000

interface Opened {
  readonly connection: McpConnection
  readonly seen: SeenHashes
}

interface Entry {
  /** Of the row that it was opened for: with another address or key it is another connection. */
  readonly place: string
  readonly opened: Promise<Result<Opened, McpFailure>>
  readonly failedAt: number | null
}

export interface McpConnections {
  port(live: { readonly snapshot: TenantSnapshot; readonly agent: AgentRecord }): McpPort
  close(): Promise<void>
}

export interface ConnectionParts extends McpParts {
  readonly report: Report
  readonly signal: AbortSignal
}

const placeOf = ({ url, transport, sealedHeaders, allowPrivateNetwork }: McpServer): string =>
  JSON.stringify([url, transport, sealedHeaders, allowPrivateNetwork])

const failed = (content: string): ToolOutcome => ({ content, isError: true })

function describe(server: McpServer, tool: string, { message, said }: McpFailure): ToolOutcome {
  const content = `The MCP server ${server.name} could not be used: ${message}.`
  if (said === undefined) return failed(content)
  const untrusted = { kind: 'mcp', server: server.name, tool } as const
  return { content: `${content}\n${said}`, isError: true, untrusted }
}

const brokenBy = (server: McpServer, error: unknown): McpFailure => {
  logError('mcp.broken', error, { server: server.id })
  return { kind: 'unreachable', message: 'what it answered could not be read' }
}

export function createMcpConnections(parts: ConnectionParts): McpConnections {
  const { services, report, signal } = parts
  const entries = new Map<string, Entry>()
  let isClosed = false

  const connect = async (server: McpServer): Promise<Result<Opened, McpFailure>> => {
    const { openServer } = await import('./open-server.ts')
    const opened = await openServer(parts, server, signal)
    if (!opened.ok) return opened
    const connection = opened.value
    const listed = await connection.listTools(signal)
    // What cannot be compared with what was agreed to is not called.
    if (!listed.ok || isClosed) {
      await connection.close()
      return listed.ok ? err({ kind: 'unreachable', message: 'the run has ended' }) : listed
    }
    const { seen, changed } = await hashesOf(server, listed.value)
    if (changed.length > 0) {
      await noteChanges(parts, server, changed, report).catch((error: unknown) =>
        logError('mcp.note-changes', error, { tenantId: parts.tenantId }),
      )
    }
    return ok({ connection, seen })
  }

  const drop = async (id: string): Promise<void> => {
    const entry = entries.get(id)
    entries.delete(id)
    const opened = await entry?.opened
    if (opened?.ok) await opened.value.connection.close()
  }

  const keep = (server: McpServer, failure: McpFailure): void => {
    const entry = { place: placeOf(server), opened: Promise.resolve(err(failure)) }
    entries.set(server.id, { ...entry, failedAt: services.now() })
  }

  const open = async (server: McpServer): Promise<Result<Opened, McpFailure>> => {
    const place = placeOf(server)
    const known = entries.get(server.id)
    const isCool = (known?.failedAt ?? -COOL_DOWN_MS) + COOL_DOWN_MS <= services.now()
    if (known?.place === place && (known.failedAt === null || !isCool)) return known.opened
    await drop(server.id)
    const opened = connect(server).catch((error: unknown) => err(brokenBy(server, error)))
    entries.set(server.id, { place, opened, failedAt: null })
    const result = await opened
    if (!result.ok) {
      keep(server, result.error)
      const { refusal } = result.error
      if (refusal !== undefined) {
        const scheme = server.url.startsWith('https:') ? 'https' : 'http'
        report(securityEvent('ssrf_blocked', { refusal, scheme }))
      }
    }
    return result
  }

  const callOn = async (
    server: McpServer,
    { tool, arguments: args }: McpCall,
    callSignal: AbortSignal,
  ): Promise<ToolOutcome> => {
    const opened = await open(server)
    if (!opened.ok) return describe(server, tool.name, opened.error)
    const { connection, seen } = opened.value
    const hash = seen.get(tool.name)
    if (hash === undefined) {
      return failed(`The MCP server ${server.name} has no tool ${tool.offeredName} any more.`)
    }
    if (hash !== tool.hash) {
      return failed(
        `${tool.offeredName} has changed since an admin agreed to it, and is out of use until one does again.`,
      )
    }
    const answered = await connection.callTool(tool, args, callSignal)
    if (!answered.ok) {
      // An error in so many words came over a connection that works.
      if (answered.error.kind !== 'protocol') await drop(server.id)
      return describe(server, tool.name, answered.error)
    }
    const { text, isError } = readResult(answered.value)
    const untrusted = { kind: 'mcp', server: server.name, tool: tool.name } as const
    return { content: text, isError, untrusted }
  }

  return {
    port: ({ snapshot, agent }) => ({
      call: async (call, callSignal) => {
        const server = snapshot.mcpServers.find(({ id }) => id === call.serverId)
        if (isClosed || server === undefined || !mayUseServer(server, agent.key)) {
          return failed('This agent may not use that MCP server.')
        }
        try {
          return await callOn(server, call, AbortSignal.any([callSignal, signal]))
        } catch (error) {
          // Whatever a server answers ends its own call, and no run.
          await drop(server.id).catch(() => undefined)
          return describe(server, call.tool.name, brokenBy(server, error))
        }
      },
    }),
    close: async () => {
      isClosed = true
      await Promise.all([...entries.keys()].map(drop))
    },
  }
}
