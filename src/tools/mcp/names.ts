/** Names of a server's tools, as models and policies know them. The server's own spelling is kept beside. */
import { mcpToolPrefix } from '../../domain/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { MAX_OFFERED_NAME_CHARS, MAX_TOOL_NAME_CHARS } from './limits.ts'

/** What servers use; anything else could look like another tool, or end a line. */
const TOOL_NAME = /^[A-Za-z0-9_./-]+$/

export function offeredNameOf(server: string, tool: string): Result<string, string> {
  if (tool.length > MAX_TOOL_NAME_CHARS) return err('its name is too long')
  if (!TOOL_NAME.test(tool)) return err('its name holds characters that no tool name may hold')
  const name = `${mcpToolPrefix(server)}${tool.replaceAll(/[./]/g, '_')}`
  if (name.length > MAX_OFFERED_NAME_CHARS) {
    return err(`with the server's name it is longer than ${MAX_OFFERED_NAME_CHARS} characters`)
  }
  return ok(name)
}

/** For people: one line, short. */
export const shownName = (text: string): string =>
  text.replaceAll(/[^\p{L}\p{N} ._/@:-]/gu, '_').slice(0, 80)
