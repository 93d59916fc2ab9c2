/**
 * Looks through every tracked file for credentials (secretlint's recommended rules). Tests hold made-up
 * ones: each such file is named below with how many it has, and only so they pass.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { runMain } from '../src/cli/failure.ts'
import { ROOT } from '../src/cli/root.ts'

/** Made-up values that tests are about, and how many of them: one more is looked at by somebody. */
const MADE_UP: Readonly<Record<string, number>> = {
  'test/runner/fetch.test.ts': 1,
  'test/support/channels/slack.ts': 1,
  'test/unit/channels/slack/oauth.test.ts': 1,
  'test/unit/channels/slack/published-example.test.ts': 1,
  'test/unit/channels/slack/receive.test.ts': 3,
  'test/unit/channels/slack/send.test.ts': 1,
  'test/unit/egress/guarded-fetch.test.ts': 1,
  'test/unit/egress/url.test.ts': 2,
  'test/unit/output/scrub.test.ts': 3,
  'test/unit/providers/create-model.test.ts': 1,
  'test/unit/tools/credentialed/registration.test.ts': 1,
}

/** Larger ones are locks and generated documents; a key in them would not be ours. */
const MAX_BYTES = 1_000_000

const tracked = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')

const textOf = (path: string): string | null => {
  try {
    const bytes = readFileSync(join(ROOT, path))
    return bytes.length > MAX_BYTES || bytes.includes(0) ? null : bytes.toString('utf8')
  } catch {
    // Deleted, and not yet committed so; or a link to a folder.
    return null
  }
}

/** One line a finding: where and which rule, never the value. */
export async function findSecrets(path: string, content: string): Promise<readonly string[]> {
  const { messages } = await lintSource({
    source: { filePath: join(ROOT, path), content, contentType: 'text', ext: '' },
    options: {
      config: {
        rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }],
      },
      noPhysicFilePath: true,
      maskSecrets: true,
    },
  })
  return messages.map(({ ruleId, loc }) => `${path}:${loc.start.line} ${ruleId}`)
}

async function main(): Promise<number> {
  const found: string[] = []
  for (const path of tracked()) {
    const text = textOf(path)
    const here = text === null ? [] : await findSecrets(path, text)
    if (here.length > (MADE_UP[path] ?? 0)) found.push(...here)
  }
  for (const line of found) process.stdout.write(`${line}\n`)
  return found.length === 0 ? 0 : 1
}

if (import.meta.main) await runMain(main)
