/** What a tool of a server answered, as text for a model. Images and sounds are named, not shown. */
import { z } from 'zod'
import { MAX_RESULT_CHARS } from './limits.ts'

const blockSchema = z.object({
  type: z.string(),
  text: z.string().optional(),
  data: z.string().optional(),
  mimeType: z.string().optional(),
  uri: z.string().optional(),
  name: z.string().optional(),
  resource: z
    .object({
      uri: z.string(),
      mimeType: z.string().optional(),
      text: z.string().optional(),
      blob: z.string().optional(),
    })
    .optional(),
})
type Block = z.infer<typeof blockSchema>

const resultSchema = z.object({
  content: z.array(z.unknown()).optional(),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
})

const sizeOf = (base64: string | undefined): string =>
  `${Math.floor(((base64?.length ?? 0) * 3) / 4)} bytes`

function describe(block: Block): string {
  switch (block.type) {
    case 'text':
      return block.text ?? ''
    case 'image':
    case 'audio':
      return `[${block.type}: ${block.mimeType ?? 'unknown'}, ${sizeOf(block.data)}]`
    case 'resource_link':
      return `[resource: ${block.name ?? ''} ${block.uri ?? ''}]`
    case 'resource': {
      const { uri = '', text, blob, mimeType = '' } = block.resource ?? {}
      return text ?? `[resource: ${uri} ${mimeType}, ${sizeOf(blob)}]`
    }
    default:
      return '[content of a kind that is not known]'
  }
}

export interface ReadResult {
  readonly text: string
  readonly isError: boolean
}

export function readResult(answered: unknown): ReadResult {
  const result = resultSchema.safeParse(answered)
  if (!result.success) return { text: 'The answer has no content.', isError: true }
  const { content = [], structuredContent, isError = false } = result.data
  const parts: string[] = []
  let chars = 0
  for (const item of content) {
    const block = blockSchema.safeParse(item)
    const text = block.success ? describe(block.data) : '[content that cannot be read]'
    parts.push(text)
    chars += text.length
    if (chars > MAX_RESULT_CHARS) break
  }
  // Servers repeat it as text; only where they do not is it all there is.
  if (parts.length === 0 && structuredContent !== undefined) {
    parts.push(JSON.stringify(structuredContent))
  }
  const text = parts.join('\n')
  const cut = text.length > MAX_RESULT_CHARS ? `${text.slice(0, MAX_RESULT_CHARS)}\n[cut]` : text
  return { text: cut.toWellFormed(), isError }
}
