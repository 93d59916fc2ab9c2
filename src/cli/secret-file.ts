/** Files that hold a secret on this machine: written whole or not at all, for their owner's eyes alone. */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { CliFailure } from './failure.ts'

/** Others could read or replace the secrets otherwise. */
export const FOLDER_MODE = 0o700
export const FILE_MODE = 0o600
/** What group and others may do with it. */
export const OPEN_TO_OTHERS = 0o077

/** The file is complete or absent: a crash in between must not leave half a key to trust. */
export function writeSecret(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`
  // Left by a process of this id that was killed in between; `wx` would refuse for ever.
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', FILE_MODE)
  writeSync(file, `${text}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(temporary, path)
}

const isOurs = ({ uid }: Stats): boolean => process.getuid === undefined || uid === process.getuid()

/**
 * Whoever unpacks or checks out somebody else's files may get a folder of this name with them: a link
 * in it would lead to any file of theirs, and what it holds would be sent to where it says.
 *
 * @returns null when there is nothing.
 * @throws CliFailure for a link, for what belongs to somebody else, and for what is no such thing.
 */
export function statOwn(path: string, kind: 'file' | 'folder'): Stats | null {
  const stats = lstatSync(path, { throwIfNoEntry: false }) ?? null
  if (stats === null) return null
  const isKind = kind === 'file' ? stats.isFile() : stats.isDirectory()
  if (!isKind) throw new CliFailure(`${path} is no ${kind} of its own: it is not used`)
  if (!isOurs(stats)) throw new CliFailure(`${path} belongs to somebody else: it is not used`)
  return stats
}

/** The same, and for nobody else's eyes: what others could have written is trusted with nothing. */
export function readOwn(path: string): string | null {
  const stats = statOwn(path, 'file')
  if (stats === null) return null
  if ((stats.mode & OPEN_TO_OTHERS) !== 0)
    throw new CliFailure(`${path} is open to others: close it with chmod 600, or remove it`)
  return readFileSync(path, 'utf8').trim()
}
