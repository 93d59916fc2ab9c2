import { describe, expect, it } from 'vitest'
import {
  handoffToken,
  hashLocatedToken,
  loginToken,
  ticketToken,
} from '../../../src/crypto/located-token.ts'
import { tenantIdSchema } from '../../../src/domain/ids.ts'

const TENANT = tenantIdSchema.parse('ten_acme1')

describe('secrets that name their tenant', () => {
  it('lead to it, differ each time, and are of one kind', async () => {
    const kinds = [loginToken, ticketToken, handoffToken]
    for (const kind of kinds) {
      const text = kind.create(TENANT)
      expect(kind.parse(text)).toEqual({ tenantId: TENANT, text })
      expect(kind.create(TENANT)).not.toBe(text)
      for (const other of kinds) if (other !== kind) expect(other.parse(text)).toBeNull()
      expect(await hashLocatedToken(text)).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  it('are none in any other shape', () => {
    const text = loginToken.create(TENANT)
    const head = 'els_acme1_'
    const secret = text.slice(head.length)
    for (const odd of ['', text.slice(0, -1), `${text}a`, ` ${text}`, `els__${secret}`]) {
      expect(loginToken.parse(odd), odd).toBeNull()
    }
    expect(loginToken.parse(`els_ACME1_${secret}`)).toBeNull()
    expect(loginToken.parse(`els_acme1_${secret.slice(1)}!`)).toBeNull()
  })
})
