import { describe, expect, test } from 'vitest'
import type { ProviderType } from '../../../src/domain/agent-record.ts'
import type { Fetch } from '../../../src/domain/model.ts'
import { cappedAnswer, readErrorBody } from '../../../src/providers/capped-answer.ts'
import { createModel } from '../../../src/providers/create-model.ts'
import { OversizedAnswerError } from '../../../src/providers/failure.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_ERROR_BODY_BYTES,
  MAX_SSE_EVENT_BYTES,
} from '../../../src/providers/limits.ts'
import { collect, providerRecord, SECRET_KEY } from '../../support/vendors/model.ts'

const encoder = new TextEncoder()

/** A body of `pieces` times the same, and how many of them were taken. */
function endless(piece: string, pieces: number, status = 200) {
  const bytes = encoder.encode(piece)
  let taken = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (taken++ >= pieces) controller.close()
      else controller.enqueue(bytes.slice())
    },
  })
  const headers = { 'content-type': 'text/event-stream' }
  return { response: new Response(body, { status, headers }), taken: () => taken }
}
const capped = (piece: string, pieces: number, status = 200) =>
  cappedAnswer(endless(piece, pieces, status).response, () => undefined)

describe('cappedAnswer', () => {
  test('hands the bytes on as they are, in whole lines', async () => {
    const response = cappedAnswer(endless('ab\ncd', 3).response, () => undefined)
    const pieces: string[] = []
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? [])
      pieces.push(piece)
    expect(pieces.join('')).toBe('ab\ncdab\ncdab\ncd')
    expect(pieces.slice(0, -1).every((piece) => /\n$|^cd$/.test(piece))).toBe(true)
  })

  test('allows long answers of short lines, and ends those beyond the limit', async () => {
    const line = `${'x'.repeat(8_191)}\n`
    const allowed = MAX_ANSWER_BYTES / line.length
    expect(await capped(line, allowed).text()).toHaveLength(MAX_ANSWER_BYTES)
    await expect(capped(line, allowed + 1).text()).rejects.toThrow(OversizedAnswerError)
  })

  test('allows a long line, and ends one beyond the limit', async () => {
    const piece = 'x'.repeat(1_024)
    const allowed = MAX_SSE_EVENT_BYTES / piece.length
    expect(await capped(piece, allowed).text()).toHaveLength(MAX_SSE_EVENT_BYTES)
    await expect(capped(piece, allowed + 1).text()).rejects.toThrow(OversizedAnswerError)
  })

  test('cuts the body of a refusal', async () => {
    expect(await capped('no', 1, 400).text()).toBe('no')
    expect(await capped('x'.repeat(1_000), 10_000, 400).text()).toHaveLength(MAX_ERROR_BODY_BYTES)
  })
})

describe('readErrorBody', () => {
  test('reads a body whole', async () => {
    expect(await readErrorBody(endless('nö', 3, 400).response)).toBe('nönönö')
    expect(await readErrorBody(new Response(null, { status: 400 }))).toBe('')
  })

  test('reads no further than its limit', async () => {
    const { response, taken } = endless('x'.repeat(1_000), 10_000, 400)
    expect(await readErrorBody(response)).toHaveLength(MAX_ERROR_BODY_BYTES)
    expect(taken()).toBeLessThan(100)
  })
})

describe.each(['openai', 'openai_compat', 'anthropic', 'google'] as const)('%s', (type) => {
  const modelOf = (kind: ProviderType, fetch: Fetch) => {
    const record = providerRecord({ type: kind, apiBase: 'https://vendor.example/v1' })
    const model = createModel({ record, apiKey: SECRET_KEY, fetch })
    if (!model.ok) throw new Error(model.error.message)
    return model.value
  }

  test.each([
    ['a line without end', 'data: '.padEnd(4_096, 'x')],
    ['an event without end', `${'data: '.padEnd(4_096, 'x')}\n`],
  ])('calls %s garbage that no retry mends', async (_what, piece) => {
    const { response, taken } = endless(piece, 10_000)
    const events = await collect(modelOf(type, async () => response))
    expect(events).toMatchObject([
      { type: 'error', failure: { kind: 'garbage', isRetryable: false } },
    ])
    expect(taken() * 4_096).toBeLessThan(MAX_ANSWER_BYTES + 65_536)
  })

  test('takes a refusal with an endless body for what its status says', async () => {
    const { response, taken } = endless('x'.repeat(4_096), 10_000, 429)
    const events = await collect(modelOf(type, async () => response))
    expect(events).toMatchObject([{ type: 'error', failure: { kind: 'rate_limited' } }])
    expect(taken()).toBeLessThan(100)
  })
})
