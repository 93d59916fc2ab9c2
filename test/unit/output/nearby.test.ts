import { describe, expect, it } from 'vitest'
import { createScrubber } from '../../../src/output/scrub.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { body, hex, SURROUNDED } from './samples.ts'

const scrubber = createScrubber({ registered: createSecretDictionary(), enabled: true })
const scrub = (text: string): string => scrubber.scrub(text).text
const uuid = [8, 4, 4, 4, 12].map((length) => hex(length)).join('-')

describe('secrets in their surroundings', () => {
  it.each(Object.entries(SURROUNDED))(
    'redacts %s and keeps the rest',
    (_, [before, secret, after]) => {
      const out = scrub(before + secret + after)
      expect(out).not.toContain(secret.slice(-8))
      expect(out.startsWith(before.slice(0, 4)) || out.startsWith('[REDACTED]')).toBe(true)
      expect(out.endsWith(after)).toBe(true)
    },
  )
})

describe('a random word beside a name', () => {
  it.each([
    `| acme_api_key | ${body(24)} |`,
    `bot_token,${body(24)}`,
    `password (${body(20)})`,
    `secret -> ${hex(32)}`,
    `setToken("${body(24)}")`,
    `git config acme.token ${body(24)}`,
    `the token is ${hex(40)}`,
    `token%3D${body(24)}`,
    `acme_key{${body(24)}}`,
  ])('goes: %j', (text) => {
    expect(scrub(text)).toContain('[REDACTED]')
  })

  it.each([
    `Fix the token refresh in ${hex(40)} and ship it.`,
    `token count ${uuid}`,
    'import { chain_Node1_Key, chain_Node2_Key } from "./keys"',
    'extends Token<NeonHttpQueryResultHKT>',
    'x = assignToken, _x509WorkloadIdentity_recoverFailure',
    `secret\n\n${body(24)}`,
    `the token bucket of session ${body(24)}`,
    `cache_key | ${body(24)}`,
    `publicKey, "${body(24)}"`,
    'getSecretToken(getBase64EncodedValue1())',
  ])('stays: %j', (text) => {
    expect(scrub(text)).toBe(text)
  })
})

describe('a word with a mark inside', () => {
  it('needs the right length on both sides', () => {
    const client = `k7x8Q${'~'}${body(34)}`
    expect(scrub(`x ${client} y`)).toBe('x [REDACTED] y')
    expect(scrub(`x a${client} y`)).toBe(`x a${client} y`)
    expect(scrub(`x k7xaQ${'~'}${body(34)} y`)).toContain('~')
    expect(scrub(`see ${hex(31)}-us12`)).toContain('-us12')
    expect(scrub('a.bcdefg.h and MDN.method.call(x)')).toBe('a.bcdefg.h and MDN.method.call(x)')
  })
})

describe('a password on a command line', () => {
  it.each([
    ['curl -u joe:k7x-Qw2Z https://example.com', 'k7x-Qw2Z'],
    ['curl --user "joe:k7x-Qw2Z" https://example.com', 'k7x-Qw2Z'],
    ['sshpass -p k7xQw2Zm ssh root@host', 'k7xQw2Zm'],
    ['mysqldump -h db -u root -pk7xQw2Zm shop', 'k7xQw2Zm'],
    ['docker login -u joe -p k7xQw2Zm example.com', 'k7xQw2Zm'],
    ['redis-cli -h cache -a k7xQw2Zm ping', 'k7xQw2Zm'],
  ])('goes: %j', (text, secret) => {
    expect(scrub(text)).toBe(text.replace(secret, '[REDACTED]'))
  })

  it.each([
    'docker run -p 8080:80 -u 1000:1000 nginx',
    'ssh -p 2222 root@host',
    'mkdir -p k7x/Qw2Zm',
    'curl -u user:password https://example.com',
    'curl -u "$USER:$TOKEN" https://example.com',
    'curl -u <user>:<token> https://example.com',
    'mysql -u root -p shop',
    'sort -u names.txt',
  ])('is none: %j', (text) => {
    expect(scrub(text)).toBe(text)
  })
})
