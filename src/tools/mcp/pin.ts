/**
 * What a server lists → the tools that may be pinned. Everything in it is a stranger's: names,
 * descriptions and schemas are judged one by one, and what does not fit is named with the reason.
 * Whether anybody agreed to a tool is not decided here.
 */
import { z } from 'zod'
import { canonicalHash } from '../../crypto/canonical-json.ts'
import { type JsonObject, MAX_MCP_TOOLS, type McpTool } from '../../domain/mcp.ts'
import type { SkippedTool } from '../../domain/ports/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { MAX_PINNED_CHARS } from './limits.ts'
import { offeredNameOf, shownName } from './names.ts'
import { checkSchema } from './schema.ts'
import { cleanText, isPlain, type Neutralise } from './text.ts'

export const listedToolSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  inputSchema: z.unknown(),
})
export type ListedTool = Readonly<z.infer<typeof listedToolSchema>>

/** Words of the schema that a model reads and no validator does. */
const WORDS: ReadonlySet<string> = new Set(['description', 'title', '$comment'])

/** The schema as the model gets it, or null when words hide where they cannot be taken away. */
function cleanSchema(node: unknown, neutralise: Neutralise): unknown {
  if (typeof node === 'string') {
    if (!isPlain(node) || neutralise(node) !== node) throw new RangeError('hidden words')
    return node
  }
  if (Array.isArray(node)) return node.map((item) => cleanSchema(item, neutralise))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([name, member]) => [
      cleanSchema(name, neutralise),
      WORDS.has(name) && typeof member === 'string'
        ? cleanText(member, neutralise)
        : cleanSchema(member, neutralise),
    ]),
  )
}

/** Over what the server said, not over what we made of it: a word past the cut counts too. */
export const hashOfTool = ({ name, description, inputSchema }: ListedTool): Promise<string> =>
  canonicalHash({ name, description: description ?? '', schema: inputSchema ?? null })

async function pinTool(
  server: string,
  listed: ListedTool,
  neutralise: Neutralise,
): Promise<Result<McpTool, string>> {
  const offeredName = offeredNameOf(server, listed.name)
  if (!offeredName.ok) return offeredName
  const checked = checkSchema(listed.inputSchema)
  if (!checked.ok) return checked
  let schema: JsonObject
  try {
    schema = cleanSchema(checked.value, neutralise) as JsonObject
  } catch {
    return err('its schema holds hidden characters or markers')
  }
  return ok({
    name: listed.name,
    offeredName: offeredName.value,
    description: cleanText(listed.description ?? '', neutralise),
    schema,
    hash: await hashOfTool(listed),
    agreedHash: null,
  })
}

export interface Pinned {
  readonly tools: readonly McpTool[]
  readonly skipped: readonly SkippedTool[]
}

/** @param server the name under which the tenant knows it */
export async function pinTools(
  server: string,
  listed: readonly ListedTool[],
  neutralise: Neutralise,
): Promise<Pinned> {
  const tools: McpTool[] = []
  const skipped: SkippedTool[] = []
  const taken = new Set<string>()
  let chars = 0
  for (const each of listed) {
    const skip = (reason: string): void => {
      // A list of ten thousand reasons helps nobody.
      if (skipped.length < MAX_MCP_TOOLS) skipped.push({ name: shownName(each.name), reason })
    }
    if (tools.length >= MAX_MCP_TOOLS) {
      skip(`the server has more than ${MAX_MCP_TOOLS} tools`)
      continue
    }
    const pinned = await pinTool(server, each, neutralise)
    if (!pinned.ok) {
      skip(pinned.error)
      continue
    }
    if (taken.has(pinned.value.offeredName)) {
      skip('another tool of the server has this name already')
      continue
    }
    const size = JSON.stringify(pinned.value).length
    if (chars + size > MAX_PINNED_CHARS) {
      skip('the descriptions and schemas of the server are too long together')
      continue
    }
    chars += size
    taken.add(pinned.value.offeredName)
    tools.push(pinned.value)
  }
  return { tools, skipped }
}
