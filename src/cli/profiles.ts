/**
 * Gateways that one has logged in to: URL and token under a name, in the user's config folder. The
 * file is its owner's alone; one that others can read is refused, not mended: its tokens may be known.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { nearestKey } from '../domain/config/nearest-key.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { FOLDER_MODE, OPEN_TO_OTHERS, writeSecret } from './secret-file.ts'
import type { Environment } from './start/options.ts'

export const DEFAULT_PROFILE = 'default'
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i

const profileSchema = z.object({ url: z.url().max(2_000), token: z.string().min(1).max(16_384) })
const fileSchema = z.object({
  version: z.literal(1),
  /** The one that is taken when none is named. */
  current: z.string().nullable(),
  profiles: z.record(z.string().regex(NAME), profileSchema),
})
export type Profile = z.infer<typeof profileSchema>
export type Profiles = Omit<z.infer<typeof fileSchema>, 'version'>

const NONE: Profiles = { current: null, profiles: {} }

/** Null where neither variable says where the user's configuration lies. */
export function profilesFolder(env: Environment): string | null {
  const { XDG_CONFIG_HOME: config, HOME: home } = env
  // The base directory specification ignores relative paths.
  if (config?.startsWith('/')) return join(config, 'edgeclaw')
  return home ? join(home, '.config', 'edgeclaw') : null
}

export const profilesFile = (env: Environment): string | null => {
  const folder = profilesFolder(env)
  return folder === null ? null : join(folder, 'profiles.json')
}

/** What others may do with a path, in a sentence that says how to end it; null when nothing. */
export function openToOthers(path: string): string | null {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  if (mode === undefined || (mode & OPEN_TO_OTHERS) === 0) return null
  const isFolder = (mode & 0o170000) === 0o040000
  const shown = (mode & 0o777).toString(8)
  return `${path} is open to other users (mode ${shown}): chmod ${isFolder ? '700' : '600'} ${path}, and replace its tokens if others use this machine`
}

/** @throws CliFailure when the file is open to others or holds anything else. */
export function readProfiles(env: Environment): Profiles {
  const [folder, file] = [profilesFolder(env), profilesFile(env)]
  if (folder === null || file === null) return NONE
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NONE
    throw new CliFailure(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`)
  }
  const open = openToOthers(folder) ?? openToOthers(file)
  if (open !== null) throw new CliFailure(open)
  return parseFile(text, file)
}

/** Says nothing of the contents: they are tokens. */
function parseFile(text: string, file: string): Profiles {
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch {
    throw new CliFailure(`${file} holds no profiles; mend it, or remove it and log in again`)
  }
}

export function writeProfiles(env: Environment, profiles: Profiles): string {
  const [folder, file] = [profilesFolder(env), profilesFile(env)]
  if (folder === null || file === null)
    throw new CliFailure('there is no place for profiles: set HOME or XDG_CONFIG_HOME')
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE })
  } catch (error) {
    throw new CliFailure(`cannot make ${folder}: ${(error as NodeJS.ErrnoException).code}`)
  }
  const open = openToOthers(folder)
  if (open !== null) throw new CliFailure(open)
  writeSecret(file, JSON.stringify({ version: 1, ...profiles }, null, 2))
  return file
}

export function checkProfileName(name: string): string {
  if (NAME.test(name)) return name
  throw usageFailure(
    `${JSON.stringify(name)} is no name for a profile: letters, digits, and . _ - after the first`,
  )
}

/** @throws CliFailure when there is none of this name. */
export function profileNamed({ profiles }: Profiles, name: string): Profile {
  const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (found !== undefined) return found
  const near = nearestKey(name, Object.keys(profiles))
  const hint =
    near === null
      ? `log in with: edgeclaw login --profile ${checkProfileName(name)}`
      : `did you mean ${near}?`
  throw usageFailure(`there is no profile ${JSON.stringify(name)}; ${hint}`)
}
