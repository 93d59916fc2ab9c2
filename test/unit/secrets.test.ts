import { describe, expect, it } from 'vitest'
import { findSecrets } from '../secrets.ts'

describe('the scan for secrets', () => {
  it('says where one stands, and never what it is', async () => {
    const key = `ghp_${'A1b2C3d4'.repeat(4)}EfGh`
    const found = await findSecrets('src/a.ts', `first\nconst token = '${key}'\n`)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^src\/a\.ts:2 @secretlint\//)
    expect(found[0]).not.toContain(key)
  })

  it('finds none in ordinary code', async () => {
    expect(await findSecrets('src/a.ts', "const token = readToken('main')\n")).toEqual([])
  })
})
