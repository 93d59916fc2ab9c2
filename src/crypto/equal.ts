/**
 * Comparing a presented secret with the expected one. Their SHA-256 digests are compared, so that
 * neither the time nor the length of the comparison tells anything about the secret.
 */
import { sha256 } from './digest.ts'
import type { Bytes } from './encoding.ts'

/** Time depends on the length alone; for inputs whose length is public (digests, MACs). */
export function isEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

export async function isEqualSecret(a: string | Bytes, b: string | Bytes): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)])
  return isEqualBytes(left, right)
}
