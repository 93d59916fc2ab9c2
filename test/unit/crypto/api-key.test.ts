import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createApiKey, hashApiKey, parseApiKey } from '../../../src/crypto/api-key.ts'
import type { TenantId } from '../../../src/domain/ids.ts'

const TENANT = 'ten_acme1' as TenantId
const SECRET = `${'A_b-'.repeat(10)}xyz`

describe('createApiKey', () => {
  it('names the tenant, and is stored as a hash of the whole', async () => {
    const { key, hash, prefix } = await createApiKey(TENANT)
    expect(key).toMatch(/^ec_acme1_[A-Za-z0-9_-]{43}$/)
    expect(hash).toBe(createHash('sha256').update(key).digest('hex'))
    expect(hash).toBe(await hashApiKey(key))
    expect(key.startsWith(prefix)).toBe(true)
    expect(prefix).toHaveLength('ec_acme1_'.length + 6)
  })

  it('makes a key that parseApiKey leads back to its tenant', async () => {
    const { key } = await createApiKey(TENANT)
    expect(parseApiKey(key)).toEqual({ tenantId: TENANT, text: key })
  })
})

describe('parseApiKey', () => {
  it('allows a secret with underscores', () => {
    expect(parseApiKey(`ec_default_${SECRET}`)?.tenantId).toBe('ten_default')
  })

  it.for([
    ['another prefix', `ed_default_${SECRET}`],
    ['no locator', `ec__${SECRET}`],
    ['a locator in upper case', `ec_Default_${SECRET}`],
    ['a locator with an underscore', `ec_de_fault_${SECRET}`],
    ['a locator that is too long', `ec_${'a'.repeat(41)}_${SECRET}`],
    ['a secret that is too short', `ec_default_${SECRET.slice(1)}`],
    ['a secret that is too long', `ec_default_${SECRET}x`],
    ['a secret of another alphabet', `ec_default_${SECRET.slice(1)}+`],
    ['white space around', ` ec_default_${SECRET}`],
    ['a line break at the end', `ec_default_${SECRET}\n`],
    ['nothing', ''],
  ])('rejects %s', ([, text = '']) => {
    expect(parseApiKey(text)).toBeNull()
  })
})
