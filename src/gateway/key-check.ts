/**
 * Refuses to serve under a wrong encryption key: with one, whatever is stored sealed would turn out
 * unreadable later, in the middle of somebody's run. Asked once an isolate; a refusal is not
 * remembered, since what is known may change under a rotation.
 *
 * Every key in use has a value of its own (a rotation that has begun has two), so that neither the
 * old key alone nor the new one alone passes before the rotation is over.
 */

import { open } from '../crypto/envelope.ts'
import { openKeyCheck, sealKeyCheck } from '../crypto/key-check.ts'
import type { KeyRing } from '../crypto/keys.ts'
import type { Database } from '../db/database.ts'
import { SEALED_COLUMNS } from '../db/schema-walk.ts'
import { listSealedValues, placeOf } from '../db/sealed-values.ts'
import { DEFAULT_TENANT } from '../domain/ids.ts'
import type { PlatformPort } from '../domain/ports/platform.ts'
import { err, ok, type Result } from '../domain/result.ts'

/** Looked at, of each column, where no check was ever stored. */
const SAMPLES = 20

export interface KeyCheckParts {
  readonly keyRing: KeyRing
  platform(): Pick<PlatformPort, 'keyChecks' | 'addKeyCheck'>
  directory(): Database
}

export const WRONG_KEY =
  'EDGECLAW_ENCRYPTION_KEY is not the key that the stored secrets are sealed under: set that key, ' +
  'or, for a rotation, the new key there and the one before it as EDGECLAW_ENCRYPTION_KEY_PREVIOUS'

const proven = new WeakSet<KeyRing>()

/** @returns the sentence to answer 503 with, when the key is not the right one */
export async function checkKey(parts: KeyCheckParts): Promise<Result<null, string>> {
  const { keyRing } = parts
  if (proven.has(keyRing)) return ok(null)
  const checked = await compare(parts)
  if (checked.ok) proven.add(keyRing)
  return checked
}

async function compare({
  keyRing,
  platform,
  directory,
}: KeyCheckParts): Promise<Result<null, string>> {
  let known = await platform().keyChecks()
  if (known.length === 0 && !(await opensSamples(directory(), keyRing))) return err(WRONG_KEY)
  for (;;) {
    const opened = await Promise.all(
      known.map((sealed) => openKeyCheck(keyRing, DEFAULT_TENANT, sealed)),
    )
    if (opened.some((check) => !check.ok)) return err(WRONG_KEY)
    if (opened.some((check) => check.ok && check.value.under === 'current')) return ok(null)
    // Known is what another isolate may have added meanwhile: then that is what is looked at.
    const sealed = await sealKeyCheck(keyRing, DEFAULT_TENANT)
    known = await platform().addKeyCheck(known, sealed)
  }
}

/** Secrets may be older than the first check: of those that are there, one at least must open. */
async function opensSamples(db: Database, keyRing: KeyRing): Promise<boolean> {
  let seen = 0
  for (const column of SEALED_COLUMNS) {
    for (const value of await listSealedValues(db, column, null, SAMPLES)) {
      const opened = await open(keyRing, placeOf(column, value), value.sealed)
      if (opened.ok) return true
      if (opened.error.kind === 'unreadable') seen++
    }
  }
  return seen === 0
}
