/** Files that hold a secret on this machine: written whole or not at all, for their owner's eyes alone. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

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
