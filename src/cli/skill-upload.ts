/**
 * `edgeclaw skills upload DIR`: a folder with a SKILL.md, as the gateway takes it: text, nothing hidden,
 * no links. What is refused here is what a gateway would never see; all else is its own to judge.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from './client.ts'
import type { Action } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { parseFlags } from './flags.ts'
import { paletteFor, toJsonText } from './terminal.ts'

const SKILL_FILE = 'SKILL.md'
/** More is no skill, and nobody should read a home folder by a mistyped word. */
const MAX_FILES = 100
const MAX_BYTES = 1024 * 1024

interface Upload {
  readonly skill_md: string
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

export function readSkillFolder(folder: string): Upload {
  const paths = pathsBelow(folder, '')
  if (!paths.includes(SKILL_FILE)) throw new CliFailure(`there is no ${SKILL_FILE} in ${folder}`)
  let left = MAX_BYTES
  const read = (path: string): string => {
    const bytes = readFileSync(join(folder, path))
    left -= bytes.length
    if (left < 0) throw new CliFailure(`${folder} is larger than ${MAX_BYTES} bytes`)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new CliFailure(`${path} is no text in UTF-8; a skill holds nothing else`)
    }
  }
  const files = paths
    .filter((path) => path !== SKILL_FILE)
    .map((path) => ({ path, content: read(path) }))
  return { skill_md: read(SKILL_FILE), files }
}

/** Hidden files stay at home: they are an editor's, a repository's, or a secret. */
function pathsBelow(folder: string, prefix: string): readonly string[] {
  const found: string[] = []
  for (const name of namesIn(join(folder, prefix))) {
    if (name.startsWith('.')) continue
    const path = `${prefix}${name}`
    const stat = lstatSync(join(folder, path))
    if (stat.isDirectory()) found.push(...pathsBelow(folder, `${path}/`))
    else if (stat.isFile()) found.push(path)
    else throw new CliFailure(`${path} is no plain file; a skill holds no links`)
    if (found.length > MAX_FILES) throw new CliFailure(`${folder} holds more than a skill may`)
  }
  return found
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    throw new CliFailure(`${folder} is no folder that can be read`)
  }
}

/** As the gateway reads it; one without a name the gateway refuses itself. */
const nameIn = (text: string): string =>
  /^name: *["']?([^"'\s]+)/m.exec(text.slice(0, 4_000))?.[1] ?? ''

export const uploadSkill: Action = {
  flags: CONNECTION_FLAGS,
  async run(args, io) {
    const { values, positionals } = parseFlags(args, CONNECTION_FLAGS)
    const [folder, ...more] = positionals
    if (folder === undefined || more.length > 0) throw usageFailure('usage: skills upload DIR')
    const upload = readSkillFolder(folder)
    return withGateway(values, io.env, async ({ client }) => {
      const answer = await client
        .request('skills.create', { ...upload })
        .catch(async (error: unknown) => {
          const isThere = error instanceof RefusedError && error.refusal.code === 'ALREADY_EXISTS'
          if (!isThere) throw error
          return client.request('skills.update', { name: nameIn(upload.skill_md), ...upload })
        })
      const { name, version } = answer as { readonly name: string; readonly version: number }
      const { green } = paletteFor(io.stdout, io.env)
      const said = `${green('✓')} ${name} is in force as version ${version}`
      io.stdout.write(values.has('json') ? `${toJsonText(answer)}\n` : `${said}\n`)
      return 0
    })
  },
}
