/** A tool of the tenant's own as a tool like the others: the same gate, approval and budget. */
import type { CustomTool } from '../../domain/custom-tool.ts'
import { err, ok } from '../../domain/result.ts'
import { createArgumentCheck } from '../mcp/schema.ts'
import type { BoundCall, GuardFindings, Tool } from '../tool.ts'
import { fillRequest } from './request.ts'
import { guardScript, runScript } from './script.ts'

/** Whatever its description says: what an address does with a request nobody here knows. */
const FINDINGS: GuardFindings = { isReadOnly: false, cwd: null, commands: null, standing: null }

export function createCustomTool(tool: CustomTool): Tool {
  const isScript = tool.kind === 'script'
  const check = createArgumentCheck(tool.parameters)
  const { $schema: _, ...parameters } = tool.parameters
  const bindRequest = (args: Readonly<Record<string, unknown>>): BoundCall | string => {
    const { origin, request } = tool
    if (origin === null || request === null) return 'the tool has no address'
    const filled = fillRequest(origin, request, args)
    if (!filled.ok) return filled.error
    return {
      arguments: args,
      guard: () => ok(FINDINGS),
      run: async ({ custom, signal }) =>
        custom === null
          ? { content: 'Custom tools cannot be used from here.', isError: true }
          : custom.send(tool, filled.value, signal),
    }
  }
  return {
    name: tool.name,
    group: isScript ? 'runtime' : tool.group,
    isReadOnly: false,
    isParallelSafe: false,
    // A command is `exec`'s: its runner knows the call. A request may have been heard.
    isIdempotent: isScript,
    sendsOut: !isScript,
    needs: 'nothing',
    spec: { name: tool.name, description: tool.description, parameters },
    bind: (args) => {
      const checked = check(args)
      if (!checked.ok) return err(checked.error)
      if (!isScript) {
        const bound = bindRequest(checked.value)
        return typeof bound === 'string' ? err(bound) : ok(bound)
      }
      return ok({
        arguments: checked.value,
        guard: (context) => guardScript(tool, context),
        run: (context) => runScript(tool, checked.value, context),
      })
    },
  }
}
