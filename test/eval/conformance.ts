/**
 * `npm run conformance`: the protocol's own conformance scenarios for clients against ours. Every
 * scenario that the package lists is run; one that does not apply is named with the reason, and a new
 * one that is neither fails.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundleMcpClient } from './bundle-mcp-client.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')
const CONFORMANCE = join(ROOT, 'node_modules', '.bin', 'conformance')
const SCENARIO_MS = 60_000

/** What our client does not do, on purpose. */
const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'elicitation-sep1034-client-defaults':
    'the client offers no elicitation: a server asks nobody of the tenant anything',
  'auth/2025-03-26-oauth-metadata-backcompat':
    'its metadata names another issuer than the address that it was found at: refused as a mix-up (RFC 8414, 3.3)',
  'auth/client-credentials-jwt':
    'an extension for machines without a person; a server of that kind is given a key',
  'auth/client-credentials-basic':
    'an extension for machines without a person; a server of that kind is given a key',
  'auth/cross-app-access-complete-flow':
    "an extension in which an organisation's identity provider gives the tokens; not offered",
}

interface Verdict {
  readonly scenario: string
  readonly isPassed: boolean
  readonly detail: string
}

async function scenarios(): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [CONFORMANCE, 'list', '--client'])
  return [...stdout.matchAll(/^\s*- (\S+)/gm)].map(([, name]) => name ?? '')
}

async function judge(scenario: string, command: string, folder: string): Promise<Verdict> {
  const args = [CONFORMANCE, 'client', '--command', command, '--scenario', scenario, '-o', folder]
  // It says its verdict in words and in its status; both must be good.
  const answered = await run(process.execPath, args, {
    timeout: SCENARIO_MS,
    env: { ...process.env, NO_COLOR: '1' },
  }).then(
    ({ stdout, stderr }) => ({ text: stdout + stderr, hasFailed: false }),
    (error: { stdout?: string; stderr?: string }) => ({
      text: `${error.stdout ?? ''}${error.stderr ?? ''}`,
      hasFailed: true,
    }),
  )
  const counts = /Passed: (\d+\/\d+, \d+ failed, \d+ warnings)/.exec(answered.text)?.[1]
  const isPassed = !answered.hasFailed && answered.text.includes('OVERALL: PASSED')
  return { scenario, isPassed, detail: counts ?? answered.text.slice(-2_000) }
}

async function main(): Promise<void> {
  const only = process.argv.slice(2)
  const client = await bundleMcpClient()
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
  const command = `${process.execPath} ${client}`
  let passed = 0
  let failed = 0
  let skipped = 0
  try {
    for (const scenario of await scenarios()) {
      if (only.length > 0 && !only.includes(scenario)) continue
      const reason = NOT_APPLICABLE[scenario]
      if (reason !== undefined) {
        skipped += 1
        console.log(`-  ${scenario}: ${reason}`)
        continue
      }
      const { isPassed, detail } = await judge(scenario, command, folder)
      if (isPassed) passed += 1
      else failed += 1
      console.log(`${isPassed ? 'ok' : 'NO'} ${scenario}: ${detail}`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} do not apply`)
  if (failed > 0 || passed === 0) process.exitCode = 1
}

await main()
