/** Asks the tenant's search engine; what it found was written by others and is marked as such. */
import { z } from 'zod'
import type { SearchHit } from '../../domain/ports/search.ts'
import { defineTool } from '../tool.ts'
import { linkTarget } from '../web/markdown.ts'
import { failed, succeeded } from './workspace-failure.ts'

/** What every engine takes. */
const MAX_QUERY_CHARS = 400
const MAX_COUNT = 20

export const webSearchTool = defineTool({
  name: 'web_search',
  description:
    'Searches the web and answers titles, addresses and snippets. Read a result with web_fetch.',
  schema: z.strictObject({
    query: z.string().trim().min(1).max(MAX_QUERY_CHARS).describe('What to search for'),
    count: z.int().min(1).max(MAX_COUNT).default(5).describe('How many results at most'),
  }),
  group: 'web',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: true,
  needs: 'nothing',
  run: async ({ query, count }, context) => {
    if (context.search === null) {
      return failed('web search unavailable: no search provider is set up for this tenant.')
    }
    const found = await context.search.search({ text: query, count }, context.signal)
    if (!found.ok) return failed(`The search failed: ${found.error.message}.`)
    if (found.value.length === 0) return succeeded('Nothing was found.')
    const hits = found.value.slice(0, count).map(present)
    return { content: hits.join('\n'), isError: false, untrusted: { kind: 'web' } }
  },
})

function present({ title, url, snippet }: SearchHit, index: number): string {
  const marker = `${index + 1}. `
  const target = linkTarget(url, url)
  const name = title.replaceAll(/[[\]]/g, '\\$&')
  const head = target === null ? name : `[${name}](${target})`
  return snippet === '' ? `${marker}${head}` : `${marker}${head}\n   ${snippet}`
}
