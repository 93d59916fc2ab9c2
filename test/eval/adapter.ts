/**
 * The product's own gates behind the few functions by which an evaluation calls them. Every export is
 * a call of the gate that a request passes, with default settings; nothing is judged here.
 * `npm run build` writes it as dist/eval/adapter.mjs, plain ESM for Node.
 */
import type { JWK } from 'jose'
import type { Delivery, Verified } from '../../src/channels/delivery.ts'
import { verifyDiscord } from '../../src/channels/discord/verify.ts'
import { decryptFeishu } from '../../src/channels/feishu/decrypt.ts'
import { verifyFeishu } from '../../src/channels/feishu/verify.ts'
import { verifySlack } from '../../src/channels/slack/verify.ts'
import { verifyTelegram } from '../../src/channels/telegram/verify.ts'
import { verifyWebhook } from '../../src/channels/webhook/verify.ts'
import { verifyWhatsapp, verifyWhatsappChallenge } from '../../src/channels/whatsapp/verify.ts'
import { decryptAesGcm, importAesGcmKey } from '../../src/crypto/aes-gcm.ts'
import { isEd25519Signature } from '../../src/crypto/ed25519.ts'
import { type Bytes, concatBytes, parseHex, utf8 } from '../../src/crypto/encoding.ts'
import { isHmacSha256 } from '../../src/crypto/hmac.ts'
import { randomBase64Url } from '../../src/crypto/random.ts'
import { verifyJws } from '../../src/crypto/token.ts'
import { SHELL_DENY_GROUPS } from '../../src/domain/config/tool-policy.ts'
import { isFetchAllowed, type RehearsedNetwork } from '../../src/egress/destination.ts'
import { scanForInjection } from '../../src/input/scan.ts'
import { markUntrusted } from '../../src/output/mark-untrusted.ts'
import { createScrubber } from '../../src/output/scrub.ts'
import { createSecretDictionary } from '../../src/output/secret-dictionary.ts'
import { createStreamScrubber } from '../../src/output/stream.ts'
import { checkHttpPath, checkWorkspacePath } from '../../src/tools/path.ts'
import { judgeCommand } from '../../src/tools/shell/judge.ts'

const scrubber = createScrubber({ registered: createSecretDictionary(), enabled: true })

export const scrub = (text: string): string => scrubber.scrub(text).text

/** One stream, cut as given; what it let out in all. */
export function scrubChunks(chunks: readonly string[]): string {
  const stream = createStreamScrubber(scrubber)
  return chunks.map((chunk) => stream.push(chunk)).join('') + stream.end()
}

/** Families found. */
export const injection = (text: string): readonly string[] =>
  scanForInjection(text).map(({ family }) => family)

const denyGroups = new Set(SHELL_DENY_GROUPS)

/** Groups that deny the command. */
export function shellDeny(command: string): readonly string[] {
  const judgement = judgeCommand(command, { denyGroups })
  return judgement.decision === 'allow' ? [] : judgement.groups
}

/** True when the request and its redirects would be made. */
export const ssrf = (url: string, network: RehearsedNetwork): Promise<boolean> =>
  isFetchAllowed(url, network)

export const wrapExternal = (text: string): string =>
  markUntrusted(text, { id: randomBase64Url(12), source: { kind: 'web' } }).text

export const pathTool = (path: string): boolean => checkWorkspacePath(path).ok
export const pathHttp = (path: string): boolean => checkHttpPath(path).ok

interface SignedRequest {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly query?: Readonly<Record<string, string>>
  readonly secret?: string
  /** Seconds. Without a clock the delivery's own time is taken: its freshness is then not judged. */
  readonly now?: number
  readonly public_key?: string
  readonly encrypt?: string
}

const TIMESTAMP_HEADERS = [
  'x-slack-request-timestamp',
  'x-lark-request-timestamp',
  'x-signature-timestamp',
  'webhook-timestamp',
]

const timeOf = ({ headers }: Delivery, now: number | undefined): number => {
  const sent = TIMESTAMP_HEADERS.map((name) => headers.get(name)).find((text) => text !== null)
  return 1_000 * (now ?? Number(sent ?? 0))
}

const verify = (kind: string, request: SignedRequest): Promise<Verified> | null => {
  const delivery: Delivery = {
    headers: new Headers(request.headers),
    body: utf8(request.body ?? ''),
  }
  const secret = request.secret ?? ''
  const nowMs = timeOf(delivery, request.now)
  switch (kind) {
    case 'github_sha256':
      return verifyWebhook(delivery, { proof: 'hub', secret }, nowMs)
    case 'standard_webhooks':
      return verifyWebhook(delivery, { proof: 'standard', secret }, nowMs)
    case 'whatsapp_sha256':
      return verifyWhatsapp(delivery, secret)
    case 'slack_v0':
      return verifySlack(delivery, secret, nowMs)
    case 'telegram_secret_token':
      return verifyTelegram(delivery, secret)
    case 'feishu_signature':
      return verifyFeishu(delivery, secret, nowMs)
    case 'discord_ed25519':
      return verifyDiscord(delivery, request.public_key ?? secret, nowMs)
    default:
      return null
  }
}

/** True when the delivery would be taken in. */
export async function webhook(kind: string, request: SignedRequest): Promise<boolean> {
  const secret = request.secret ?? ''
  if (kind === 'whatsapp_verify_get') {
    return (await verifyWhatsappChallenge(new URLSearchParams(request.query), secret)).ok
  }
  if (kind === 'feishu_decrypt')
    return (await decryptFeishu(request.encrypt ?? '', secret)) !== null
  const verified = await verify(kind, request)
  return verified?.ok === true
}

const hex = (text: string): Bytes => {
  const bytes = parseHex(text)
  if (bytes === null) throw new TypeError('an input is not hexadecimal')
  return bytes
}

interface SealedText {
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly ct: string
  readonly tag: string
}

/** True when it opens. */
export async function aesGcm({ key, iv, aad, ct, tag }: SealedText): Promise<boolean> {
  const input = {
    key: await importAesGcmKey(hex(key)),
    nonce: hex(iv),
    additionalData: hex(aad),
  }
  return (await decryptAesGcm(input, concatBytes(hex(ct), hex(tag)))) !== null
}

export const ed25519 = ({ pk, msg, sig }: Readonly<Record<'pk' | 'msg' | 'sig', string>>) =>
  isEd25519Signature(hex(pk), hex(msg), hex(sig))

export const hmacSha256 = ({ key, msg, tag }: Readonly<Record<'key' | 'msg' | 'tag', string>>) =>
  isHmacSha256(hex(key), hex(msg), hex(tag))

export const jws = async (input: { readonly jws: string; readonly jwk: JWK }): Promise<boolean> =>
  (await verifyJws(input.jws, input.jwk)).ok
