import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSecretName, MASK, masked, unmasked } from '../../../../src/domain/config/mask.ts'
import { DEFAULT_TENANT_CONFIG } from '../../../../src/domain/config/tenant-config.ts'

const SECRET = 'hunter2-of-the-tests'

describe('masked', () => {
  it.each([
    'token',
    'api_key',
    'apiKey',
    'API-KEY',
    'client_secret',
    'db.password',
    'Authorization',
    'tokens',
  ])('hides what stands under %s', (name) => {
    expect(JSON.stringify(masked({ free: { [name]: SECRET } }))).not.toContain(SECRET)
    expect(JSON.stringify(masked({ free: { [name]: [SECRET] } }))).not.toContain(SECRET)
  })

  it.each(['tokenizer', 'deny', 'keyboard', 'secretary', 'max_message_chars'])(
    'shows %s',
    (name) => {
      expect(isSecretName(name)).toBe(false)
      expect(masked({ [name]: 'plain' })).toEqual({ [name]: 'plain' })
    },
  )

  it('hides the credentials of URLs wherever they stand, and leaves the rest to read', () => {
    const text = `see https://anna:${SECRET}@host.example/path and https://host.example/@b`
    expect(masked({ notes: [text] })).toEqual({
      notes: [`see https://${MASK}@host.example/path and https://host.example/@b`],
    })
    expect(masked(`postgres://u:p@${SECRET}@db`)).toBe(`postgres://${MASK}@db`)
    expect(masked(`https://${SECRET}@git.example`)).toBe(`https://${MASK}@git.example`)
  })

  it('leaves settings whose names only sound like it', () => {
    const config = {
      ...DEFAULT_TENANT_CONFIG,
      tools: { by_credential: { api_key: { deny: ['exec'] } }, scrub_credentials: true },
      budgets: { tenant: { tokens_per_day: 5 } },
    }
    expect(masked(config)).toEqual(config)
  })

  it('is in time for a text that is all beginnings of URLs', () => {
    const began = performance.now()
    masked('a://x:'.repeat(33_000))
    masked(`a://${'x'.repeat(200_000)}`)
    masked('a'.repeat(200_000))
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('unmasked', () => {
  const stored = {
    session: {
      identityLinks: { token: [SECRET, 'second'], links: [`https://u:${SECRET}@h.example`] },
    },
    logging: { redactPatterns: ['plain'] },
  }

  it('keeps what is stored where the mask comes back', () => {
    expect(unmasked(masked(stored), stored)).toEqual({ ok: true, value: stored })
  })

  it('takes a value that was changed, and the mask beside it', () => {
    const shown = structuredClone(masked(stored)) as typeof stored
    shown.session.identityLinks.token[1] = 'third'
    expect(unmasked(shown, stored)).toEqual({
      ok: true,
      value: {
        ...stored,
        session: { identityLinks: { ...stored.session.identityLinks, token: [SECRET, 'third'] } },
      },
    })
  })

  it.each([
    ['where nothing is stored', { logging: { password: MASK } }, 'logging.password'],
    [
      'under another name than the stored',
      { session: { identityLinks: { secret: [MASK] } } },
      'session.identityLinks.secret.0',
    ],
    [
      'for another host than the stored',
      { session: { identityLinks: { links: [`https://${MASK}@evil.example`] } } },
      'session.identityLinks.links.0',
    ],
    [
      'inside another text',
      { logging: { redactPatterns: [`x${MASK}`] } },
      'logging.redactPatterns.0',
    ],
    [
      'where two could be meant',
      { session: { identityLinks: { token: ['x', 'y', MASK] } } },
      'session.identityLinks.token.2',
    ],
  ])('never stores a mask %s', (_, document, path) => {
    expect(unmasked(document, stored)).toEqual({ ok: false, error: path })
  })

  it('finds a value that moved in its list', () => {
    const before = { notes: ['one', `https://u:${SECRET}@h.example`] }
    const after = { notes: [`https://${MASK}@h.example`, 'one'] }
    expect(unmasked(after, before)).toEqual({
      ok: true,
      value: { notes: [before.notes[1], 'one'] },
    })
  })

  it('is in time for a list that is all masks', () => {
    const before = { notes: Array.from({ length: 200 }, (_, i) => `https://u:${i}@h.example`) }
    const after = { notes: Array(20_000).fill(`https://${MASK}@h.example`) }
    const began = performance.now()
    expect(unmasked(after, before)).toEqual({ ok: false, error: 'notes.200' })
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('brings every document back from its masked form, of which no secret is part', () => {
    const name = fc.constantFrom('token', 'password', 'plain', 'deny', 'apiKey', 'a.b', '__proto__')
    const text = fc.constantFrom(SECRET, `https://u:${SECRET}@h.example`, `a b://${SECRET}@x`)
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, 1, true, 'plain', ''),
        text.map((secret) => (secret === SECRET ? { token: secret } : secret)),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(name, tie('node'), { maxKeys: 4 }),
      ),
    })).node
    fc.assert(
      fc.property(value, (document) => {
        const shown = masked(document)
        expect(JSON.stringify(shown)).not.toContain(SECRET)
        expect(unmasked(shown, document)).toEqual({ ok: true, value: document })
      }),
    )
  })
})
