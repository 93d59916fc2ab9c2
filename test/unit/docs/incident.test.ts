/** What docs/incident.md tells people to call in a hurry is there. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OPERATIONS } from '../../../src/api/registry.ts'

const TEXT = readFileSync(new URL('../../../docs/incident.md', import.meta.url), 'utf8')
const CALL = /\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[a-z0-9/{}_-]+)/g

describe('docs/incident.md', () => {
  it('names calls that exist, and enough of them', () => {
    const routes = OPERATIONS.flatMap(({ http }) => (http ? [`${http.method} ${http.path}`] : []))
    const named = [...TEXT.matchAll(CALL)].map(([, method, path]) => `${method} ${path}`)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((call) => !routes.includes(call))).toEqual([])
  })

  it('gives stops and audits params that they take', () => {
    const bodies = [...TEXT.matchAll(/`(\{"kind":[^`]*\})`/g)].map(([, body]) => body ?? '')
    expect(bodies.length).toBe(3)
    const stop = OPERATIONS.find(({ name }) => name === 'estop.set')
    for (const body of bodies) expect(stop?.params.safeParse(JSON.parse(body)).success).toBe(true)
  })
})
