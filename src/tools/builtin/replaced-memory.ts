/**
 * The memory interceptor: whoever replaces a memory file that held something else is told what it
 * held, so that an agent loses no memory unawares. It refuses nothing. What it tells is what the
 * commit itself replaced, so that neither a race nor a repeated call makes it another file's text.
 */
import { keepResult } from '../../domain/kept-result.ts'
import type { ManifestEntry } from '../../domain/ports/workspace.ts'
import { LINE_END } from '../../domain/text-cut.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import { isMemoryFile } from '../memory-file.ts'
import type { ToolContext } from '../tool.ts'
import { cutToBytes, decodeText } from './file-text.ts'
import { fromFiles } from './from-files.ts'

/** Of one call: a quarter of a tool result. A memory is notes; a longer one is kept whole as a file. */
const MAX_QUOTED_BYTES = 8 * 1024

export async function withReplacedMemory(
  outcome: ToolOutcome,
  replaced: readonly ManifestEntry[],
  context: ToolContext,
): Promise<ToolOutcome> {
  const memories = replaced.filter(({ path, size }) => size > 0 && isMemoryFile(path))
  if (memories.length === 0) return outcome
  const parts = [outcome.content]
  let left = MAX_QUOTED_BYTES
  for (const entry of memories) {
    const old = await oldContent(entry, left, context)
    parts.push(old.content)
    left -= old.quotedBytes
  }
  const isUntrusted = memories.some((entry) => entry.isUntrusted)
  return fromFiles({ ...outcome, content: parts.join('\n') }, isUntrusted)
}

async function oldContent(
  entry: ManifestEntry,
  maxBytes: number,
  context: ToolContext,
): Promise<{ readonly content: string; readonly quotedBytes: number }> {
  const { path, size, sha256 } = entry
  const head = `[${path} is a memory file and held something else (${size} bytes).`
  const bytes = await context.workspace.blob(sha256)
  if (bytes === null) return unquoted(`${head} Its old content is no longer there.]`)
  const text = decodeText(bytes)
  if (text === null) return unquoted(`${head} It was no text; ${await keepOld(entry, context)}.]`)
  const whole = quote(text)
  const shown = cutToBytes(whole, maxBytes)
  const what =
    shown === whole
      ? 'Its old content follows, quoted.'
      : `The beginning of its old content follows, quoted; ${await keepOld(entry, context)}.`
  return {
    content: `${head} ${what} Write back what is still needed.]\n${shown}`,
    quotedBytes: new TextEncoder().encode(shown).length,
  }
}

const unquoted = (content: string) => ({ content, quotedBytes: 0 })

/** Every line carries the mark, so that none of the file's can pass for one of ours. */
function quote(text: string): string {
  const lines = text.split(LINE_END)
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => `> ${line}`).join('\n')
}

/** The blob is stored still: the commit only gives it another name. */
const keepOld = (blob: ManifestEntry, { callId, workspace }: ToolContext): Promise<string> =>
  keepResult(workspace, {
    // Named by content: the old path may be longer than a key or a name can be.
    name: `${callId}.${blob.sha256.slice(0, 16)}.md`,
    commitKey: `${callId}.replaced.${blob.sha256}`,
    blob,
    isUntrusted: blob.isUntrusted,
  })
