/** A pinned tool of a server as a tool like the others: judged by the same gate, called over the port. */
import type { McpServer, McpTool } from '../../domain/mcp.ts'
import { err, ok } from '../../domain/result.ts'
import type { GuardFindings, Tool } from '../tool.ts'
import { createArgumentCheck } from './schema.ts'

/** Whatever the server says of its tools: whether one changes nothing is a stranger's word. */
const FINDINGS: GuardFindings = { isReadOnly: false, cwd: null, commands: null, standing: null }

const labelled = (server: string, { description }: McpTool): string =>
  `[MCP server ${server}] ${description}`

export function createMcpTool({ id, name }: Pick<McpServer, 'id' | 'name'>, tool: McpTool): Tool {
  const check = createArgumentCheck(tool.schema)
  const { $schema: _, ...parameters } = tool.schema
  return {
    name: tool.offeredName,
    group: 'mcp',
    isReadOnly: false,
    isParallelSafe: false,
    isIdempotent: false,
    sendsOut: true,
    needs: 'nothing',
    spec: { name: tool.offeredName, description: labelled(name, tool), parameters },
    bind: (args) => {
      const checked = check(args)
      if (!checked.ok) return err(checked.error)
      const call = { serverId: id, tool, arguments: checked.value }
      return ok({
        arguments: checked.value,
        guard: () => ok(FINDINGS),
        run: async ({ mcp, signal }) =>
          mcp === null
            ? { content: 'MCP servers cannot be reached from here.', isError: true }
            : mcp.call(call, signal),
      })
    },
  }
}
