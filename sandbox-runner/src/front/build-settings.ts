/** What an operator lets image builds reach. Nothing listed: no builds. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { egressHostSchema } from '../../../src/isolation/contract.ts'

export interface BuildSettings {
  readonly hosts: readonly string[]
  /** Lines of an apt source list. */
  readonly apt: string
  readonly pip: string
  readonly npm: string | null
  /** Certificates to trust instead of the image's own; empty for those. */
  readonly certificates: string
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** `[options] URL SUITE COMPONENT…`, as apt takes it behind `deb`. */
const SOURCE = /^(?:\[[a-z0-9=/., -]+\] )?https?:\/\/[^\s@]+ [\w./-]+(?: [\w./-]+)*$/i
const registryUrl = z
  .string()
  .regex(/^https?:\/\/[^\s@]+$/, 'must be a URL without a user name')
  .transform((url) => url.replace(/\/+$/, ''))

export const buildSettingsShape = {
  /** `host` (ports 443 and 80) or `host:port`, separated by commas. */
  EDGECLAW_BUILD_HOSTS: z
    .string()
    .default('')
    .transform(list)
    .pipe(z.array(egressHostSchema).max(64)),
  EDGECLAW_BUILD_APT: z
    .string()
    .default(
      'http://deb.debian.org/debian bookworm main, http://deb.debian.org/debian bookworm-updates main, http://deb.debian.org/debian-security bookworm-security main',
    )
    .transform(list)
    .pipe(z.array(z.string().regex(SOURCE)).min(1)),
  EDGECLAW_BUILD_PIP: registryUrl.default('https://pypi.org/simple'),
  /** Without it there are no packages of npm: which registry to ask is never ours to say. */
  EDGECLAW_BUILD_NPM: registryUrl.optional(),
  EDGECLAW_BUILD_CA: z.string().optional(),
}

export function toBuildSettings(
  settings: Readonly<z.infer<z.ZodObject<typeof buildSettingsShape>>>,
): BuildSettings {
  const { EDGECLAW_BUILD_CA: path } = settings
  return {
    hosts: settings.EDGECLAW_BUILD_HOSTS,
    apt: settings.EDGECLAW_BUILD_APT.map((source) => `deb ${source}`).join('\n'),
    pip: settings.EDGECLAW_BUILD_PIP,
    npm: settings.EDGECLAW_BUILD_NPM ?? null,
    certificates: path === undefined ? '' : readFileSync(path, 'utf8'),
  }
}
