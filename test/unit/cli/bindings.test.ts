import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bindingsOf } from '../../../src/cli/start/bindings.ts'
import { parseStartOptions } from '../../../src/cli/start/options.ts'
import { openState } from '../../../src/cli/start/state.ts'

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
