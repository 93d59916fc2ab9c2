import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseFrontSettings } from '../../../sandbox-runner/src/front/settings.ts'
import { runnerKey } from '../../../src/cli/runner-key.ts'
import { importRunnerKey } from '../../../src/crypto/job-token.ts'

async function call(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<{ code: number; text: string }> {
  let text = ''
  const code = await runnerKey(args, {
    stdout: { write: (piece) => (text += piece) },
    read: (file) => {
      const found = files[String(file)]
      if (found === undefined) throw new Error('ENOENT')
      return found
    },
  })
  return { code, text }
}

describe('edgeclaw runner-key', () => {
  it('makes keys that the gateway takes, and public halves that a runner takes, with the same ids', async () => {
    const keys = [(await call(['new'])).text, (await call(['new'])).text]
    const [present = '', next = ''] = keys
    expect(present).not.toBe(next)
    const { text } = await call(['public', 'present', 'next'], { present, next })
    for (const { d } of keys.map((key) => JSON.parse(key) as { d: string })) {
      expect(text).not.toContain(d)
    }
    const { EDGECLAW_RUNNER_PUBLIC_KEYS: taken } = parseFrontSettings({
      EDGECLAW_RUNNER_AUDIENCE: 'r',
      EDGECLAW_RUNNER_PUBLIC_KEYS: text,
      EDGECLAW_RUNNER_STATE: '/state',
      EDGECLAW_LAUNCHER_SOCKET: '/socket',
    })
    const kids = await Promise.all(keys.map(async (key) => (await importRunnerKey(key)).kid))
    expect(taken.map(({ kid }) => kid)).toEqual(kids)
  })

  it('reads a PEM from standard input', async () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    const { text } = await call(['public'], { 0: String(pem) })
    expect(JSON.parse(text)).toMatchObject([{ kty: 'OKP', crv: 'Ed25519' }])
  })

  it('refuses what is no such key, without repeating it', async () => {
    const secret = 'not-a-key-but-a-secret'
    const failure = await call(['public', 'f'], { f: secret }).catch((error: Error) => error)
    expect(failure).toBeInstanceOf(Error)
    expect(String(failure)).not.toContain(secret)
    await expect(call(['public', 'absent'])).rejects.toThrow('absent cannot be read')
    await expect(call(['old'])).rejects.toThrow('runner-key takes')
    await expect(call(['public', 'a', 'b', 'c'])).rejects.toThrow('at most two')
    await expect(call([])).rejects.toThrow('runner-key takes')
  })
})
