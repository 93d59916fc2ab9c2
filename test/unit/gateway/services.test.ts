import { describe, expect, it } from 'vitest'
import { parseKeyRing } from '../../../src/crypto/keys.ts'
import type { Env } from '../../../src/gateway/env.ts'
import { createServices } from '../../../src/gateway/services.ts'
import { useQuietLog } from './world.ts'

const lines = useQuietLog()

describe('work in the background', () => {
  it('that fails is logged, and takes nothing along', async () => {
    const ring = parseKeyRing({ current: 'a1'.repeat(32) })
    if (!ring.ok) throw new Error(ring.error)
    const kept: Promise<unknown>[] = []
    const lifetime = { waitUntil: (work: Promise<unknown>) => void kept.push(work) }
    const services = createServices({} as Env, ring.value, lifetime)
    services.inBackground(Promise.reject(new Error('the delivery failed')))
    services.inBackground(Promise.resolve('the other one'))
    const ends = await Promise.allSettled(kept)
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(lines.join('\n')).toContain('background.failed')
  })
})
