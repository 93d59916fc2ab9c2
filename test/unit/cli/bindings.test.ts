import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CliFailure } from '../../../src/cli/failure.ts'
import { bindingsOf, runnerKeyOf } from '../../../src/cli/start/bindings.ts'
import { parseStartOptions } from '../../../src/cli/start/options.ts'
import { openState } from '../../../src/cli/start/state.ts'
import { generateRunnerKey } from '../../../src/crypto/job-token.ts'

const URL_HERE = 'http://127.0.0.1:8787'

function bindings(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const state = openState(mkdtempSync(join(tmpdir(), 'edgeclaw-')))
  const options = parseStartOptions(args, env)
  if (!options) throw new Error('no options')
  const made = bindingsOf(options, state, URL_HERE, env)
  state.release()
  return made
}

describe('bindingsOf', () => {
  it('switches development mode on by the flag alone, and then hands over no token', () => {
    expect(bindings(['--token', 'none'])).toMatchObject({ EDGECLAW_DEVELOPMENT_MODE: '1' })
    expect(bindings(['--token', 'none'])).not.toHaveProperty('EDGECLAW_TOKEN')
  })

  it('passes no switch of development mode on from the environment', () => {
    const env = { EDGECLAW_DEVELOPMENT_MODE: '1', EDGECLAW_PLATFORM: 'cloudflare' }
    const made = bindings([], env)
    expect(made).not.toHaveProperty('EDGECLAW_DEVELOPMENT_MODE')
    expect(made).toMatchObject({
      EDGECLAW_PLATFORM: 'local',
      EDGECLAW_TOKEN: expect.stringMatching(/^ect_[\w-]{43}$/),
    })
  })

  it("passes on the operator's settings that it knows", () => {
    const env = { EDGECLAW_ALLOWED_ORIGINS: 'https://app.example', OTHER: 'x' }
    expect(bindings([], env)).toMatchObject({ EDGECLAW_ALLOWED_ORIGINS: 'https://app.example' })
    expect(bindings([], env)).not.toHaveProperty('OTHER')
  })
})

describe('runnerKeyOf', () => {
  const keyOf = async (given: string): Promise<string> => {
    const state = openState(mkdtempSync(join(tmpdir(), 'edgeclaw-')))
    try {
      return await runnerKeyOf(state, { EDGECLAW_RUNNER_KEY: given })
    } finally {
      state.release()
    }
  }

  it('takes the private key that was given, and makes one where none was', async () => {
    const given = JSON.stringify((await generateRunnerKey()).privateJwk)
    expect(await keyOf(given)).toBe(given)
    expect(JSON.parse(await keyOf(''))).toMatchObject({ crv: 'Ed25519', d: expect.any(String) })
  })

  it('refuses a path, a public key and anything else, without a word of it', async () => {
    const { publicJwk } = await generateRunnerKey()
    for (const given of [
      '/etc/hunter2.key',
      JSON.stringify(publicJwk),
      'null',
      '{"d":"hunter2"}',
    ]) {
      const refused = await keyOf(given).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(CliFailure)
      expect(String(refused)).toContain('EDGECLAW_RUNNER_KEY must be an Ed25519 private key')
      expect(String(refused)).not.toContain('hunter2')
    }
  })
})
