import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorkspacePort } from '../../../src/domain/ports/workspace.ts'
import { MAX_TOOL_RESULT_BYTES } from '../../../src/domain/tool.ts'
import { keepWhole } from '../../../src/gateway/cut-result.ts'
import { createMemoryWorkspace } from '../../support/memory-workspace.ts'

const KEY = 'run_abcdefghij0123456789.42.3'
const bytesOf = (text: string) => new TextEncoder().encode(text).length
const outcome = (content: string) => ({ content, isError: false })
const into = (workspace: WorkspacePort | null, hasSeenUntrusted = false) => ({
  workspace,
  hasSeenUntrusted,
})
const LONG = `begin${'x'.repeat(3 * MAX_TOOL_RESULT_BYTES)}end`

describe('keepWhole', () => {
  it('leaves alone what fits, to the byte', async () => {
    const workspace = createMemoryWorkspace()
    const fits = outcome('x'.repeat(MAX_TOOL_RESULT_BYTES))
    expect(await keepWhole(fits, KEY, into(workspace))).toBe(fits)
    expect(workspace.paths()).toEqual([])
    const longer = outcome(`${fits.content}y`)
    expect(await keepWhole(longer, KEY, into(workspace))).not.toEqual(longer)
  })

  it('keeps head and tail, and the whole as a file that it names', async () => {
    const workspace = createMemoryWorkspace()
    const { content } = await keepWhole(outcome(LONG), KEY, into(workspace))
    expect(content.startsWith('beginx')).toBe(true)
    expect(content.endsWith('xend')).toBe(true)
    const path = /the whole is in (\S+) …/.exec(content)?.[1] ?? ''
    expect(workspace.text(path)).toBe(LONG)
  })

  it.each([
    ['of a clean conversation, without a label', outcome(LONG), false, false],
    ['of a conversation with text from outside, labelled', outcome(LONG), true, true],
    [
      'from outside, labelled',
      { ...outcome(LONG), untrusted: { kind: 'web' } as const },
      false,
      true,
    ],
  ])('keeps a result %s', async (_, result, hasSeenUntrusted, isUntrusted) => {
    const workspace = createMemoryWorkspace()
    await keepWhole(result, KEY, into(workspace, hasSeenUntrusted))
    const { entries } = await workspace.manifest()
    expect(entries.map((entry) => entry.isUntrusted)).toEqual([isUntrusted])
  })

  it('says that the rest is gone where nothing may be written', async () => {
    const { content } = await keepWhole(outcome(LONG), KEY, into(null))
    expect(content).toContain('the rest was not kept')
  })

  it('is an error still when it was one', async () => {
    expect(await keepWhole({ content: LONG, isError: true }, KEY, into(null))).toMatchObject({
      isError: true,
    })
  })

  it('stays within its size and splits no character, whatever the text is made of', async () => {
    const unit = fc.constantFrom('a', 'é', '€', '😀', '\n')
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit, { minLength: 1, maxLength: 9 }),
        fc.nat(4),
        async (units, shift) => {
          const text = 'a'.repeat(shift) + units.join('').repeat(MAX_TOOL_RESULT_BYTES)
          const { content } = await keepWhole(outcome(text), KEY, into(null))
          expect(bytesOf(content)).toBeLessThanOrEqual(MAX_TOOL_RESULT_BYTES)
          expect(bytesOf(content)).toBeGreaterThan(MAX_TOOL_RESULT_BYTES - 512)
          expect(content).not.toContain('\ufffd')
          expect(content.isWellFormed()).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })
})
