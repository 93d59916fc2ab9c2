/** The gateway's own names are kept wherever a name announces a secret; a secret in their place is not. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/crypto/random.ts'
import { isOwnId } from '../../../src/output/own-name.ts'
import { createRelease } from '../../../src/output/release.ts'
import { createScrubber } from '../../../src/output/scrub.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { body } from './samples.ts'

const dictionary = createSecretDictionary()
const release = createRelease({ scrubCredentials: true, dictionary })
const scrubber = createScrubber({ registered: dictionary, enabled: true })
const NAMES = ['sessionKey', 'session_key', 'session', 'key', 'credential', 'token']

const fieldsOf = (value: string) => Object.fromEntries(NAMES.map((name) => [name, value]))
const inText = (name: string, value: string): readonly string[] => [
  JSON.stringify({ [name]: value }),
  `${name}=${value}`,
  `${name}: ${value}`,
  `the ${name} is "${value}"`,
  `${name} | ${value} |`,
]

const CONVERSATION = '7c1c0d7e-3a52-4d1e-9a1f-0b9f7d3a2c11'

const SESSION_KEYS = [
  `agent:default:ws:direct:${CONVERSATION}`,
  'agent:default:ws:direct:olga',
  'agent:default:main',
  `agent:default:cron:${newId('job')}`,
  `agent:research:ws:direct:${newId('cnv')}`,
  'agent:default:telegram:group:-1001234567890',
  'agent:default:slack:thread:C0123ABCD:1698765432.123456',
  'agent:default:subagent:compare-3-offers-kbmdafghijklmnopabcd',
]

describe('a name of the gateway’s own', () => {
  it.each([...SESSION_KEYS, newId('key'), newId('run')])('stays in every field: %s', (value) => {
    const fields = fieldsOf(value)
    expect(release.value(fields)).toEqual({ value: fields, events: [] })
  })

  it.each(SESSION_KEYS)('stays in text: %s', (value) => {
    for (const text of inText('sessionKey', value)) expect(scrubber.scrub(text).text).toBe(text)
  })

  it('stays in text however its letters fell', () => {
    for (let i = 0; i < 50; i += 1) {
      for (const text of inText('credential', newId('key')))
        expect(scrubber.scrub(text).text).toBe(text)
    }
  })

  it('is of a kind that the gateway makes, and each of those is known', () => {
    const root = join(import.meta.dirname, '../../../src')
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(root, path), 'utf8'))
    const made = new Set(
      sources.flatMap((text) =>
        [...text.matchAll(/newId\('([a-z]{3})'\)/g)].map(([, kind]) => kind),
      ),
    )
    expect(made.size).toBeGreaterThan(20)
    expect([...made].filter((kind) => !isOwnId(newId(kind ?? '')))).toEqual([])
  })
})

describe('what stands in its place', () => {
  const secret = body(24)

  it.each([
    secret,
    `agent:default:ws:direct:${secret}`,
    `agent:default:telegram:group:1:${secret}`,
    `agent:default:${secret}`,
    `agent:${secret.toLowerCase()}9x8y7z6w5v:main`,
    `agent:default:subagent:${secret}-kbmdafgh`,
    `run_${secret}`,
    `xyz_${newId('run').slice(4)}`,
    `${newId('run')}A`,
  ])('goes where it is none, in a field and in text: %s', (value) => {
    for (const name of ['sessionKey', 'credential']) {
      expect(release.value({ [name]: value }).value).toEqual({ [name]: '[REDACTED]' })
      expect(scrubber.scrub(`${name}=${value}`).text).toBe(`${name}=[REDACTED]`)
    }
  })

  it.each(['password', 'api_key', 'clientSecret', 'access_token', 'db-password', 'API_KEY'])(
    'goes behind a name that announces a secret alone, though it looks like a name: %s',
    (name) => {
      for (const value of ['key_abcdefghij0123456789', 'agent:default:ws:direct:hunter2']) {
        expect(release.value({ [name]: value }).value).toEqual({ [name]: '[REDACTED]' })
        expect(scrubber.scrub(`${name}=${value}`).text).toBe(`${name}=[REDACTED]`)
      }
    },
  )

  it('goes behind a session key as well', () => {
    const text = `sessionKey=agent:default:main token=${secret}`
    expect(scrubber.scrub(text).text).toBe('sessionKey=agent:default:main token=[REDACTED]')
  })

  it('goes where its value is registered, whatever it looks like', () => {
    const registered = createSecretDictionary()
    registered.register('agent:default:ws:direct:olga')
    const strict = createRelease({ scrubCredentials: true, dictionary: registered })
    expect(strict.value({ sessionKey: 'agent:default:ws:direct:olga' }).value).toEqual({
      sessionKey: '[REDACTED]',
    })
  })
})
