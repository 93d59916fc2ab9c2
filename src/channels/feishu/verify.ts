/**
 * Proves that Feishu (Lark) sent an event. With an encrypt key: SHA-256 over timestamp, nonce, key and
 * body, all concatenated. Without one the verification token inside the body is the only proof, which
 * `verifyFeishuToken` judges once the body is parsed.
 */
import { sha256 } from '../../crypto/digest.ts'
import { concatBytes, utf8 } from '../../crypto/encoding.ts'
import { isEqualBytes, isEqualSecret } from '../../crypto/equal.ts'
import { err, ok } from '../../domain/result.ts'
import { checkTimestamp, type Delivery, type Verified } from '../delivery.ts'
import { parseHexTag } from '../hex-tag.ts'

/**
 * The parts are concatenated without a separator. No digit can move between timestamp and nonce all
 * the same: a timestamp within the window has ten digits, no more and no fewer.
 */
const NONCE = /^[\x21-\x7e]{1,128}$/

export async function verifyFeishu(
  { headers, body }: Delivery,
  encryptKey: string,
  nowMs: number,
): Promise<Verified> {
  if (encryptKey === '') return err('secret_missing')
  const signature = headers.get('x-lark-signature')
  if (signature === null || signature === '') return err('signature_missing')
  const tag = parseHexTag(signature)
  const nonce = headers.get('x-lark-request-nonce') ?? ''
  if (tag === null || !NONCE.test(nonce)) return err('signature_malformed')
  const timestamp = checkTimestamp(headers.get('x-lark-request-timestamp'), nowMs)
  if (!timestamp.ok) return timestamp
  const prefix = utf8(`${timestamp.value.text}${nonce}${encryptKey}`)
  const expected = await sha256(concatBytes(prefix, body))
  if (!isEqualBytes(expected, tag)) return err('signature_wrong')
  return ok({ signedAtMs: timestamp.value.ms, replayKey: signature })
}

/** `token` of a plain or decrypted body (`header.token` in schema 2.0). */
export async function verifyFeishuToken(
  presented: string | null,
  verificationToken: string,
): Promise<Verified> {
  if (verificationToken === '') return err('secret_missing')
  if (presented === null || presented === '') return err('signature_missing')
  if (!(await isEqualSecret(presented, verificationToken))) return err('signature_wrong')
  return ok({ signedAtMs: null, replayKey: null })
}
