/**
 * `/v1/fetch`: resolve, check every answer, connect to a checked address and no other. Doing the
 * look-up here is what defeats DNS rebinding: between check and connection nobody is asked again.
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { checkUrl } from '../../../src/egress/url.ts'
import type { FetchAnswer, FetchRequest } from '../../../src/isolation/contract.ts'
import { Refusal } from './refusal.ts'
import { type AddressPolicy, checkedAddress } from './resolve.ts'

/** Headers that say where and how to connect are ours to set. */
const RESERVED_HEADERS =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|proxy-.*)$/
/** What still goes along to another origin: nothing that could be a secret. */
const HARMLESS_HEADERS = /^(?:accept|accept-language|user-agent)$/
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

const refused = (message: string): Refusal => new Refusal('FETCH_REFUSED', message)
const failed = (message: string): Refusal => new Refusal('FETCH_FAILED', message)

interface Hop {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

function send(hop: Hop, address: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { url } = hop
  const family = isIP(address)
  const options: RequestOptions & { servername?: string } = {
    // Host header and SNI stay the name's; only the look-up answers with the checked address.
    host: hostOf(url),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    method: hop.method,
    headers: {
      ...hop.headers,
      'accept-encoding': 'gzip, br, deflate',
      ...(hop.body === null ? {} : { 'content-length': String(hop.body.length) }),
    },
    lookup: (_host, { all }, callback) => {
      if (all) callback(null, [{ address, family }])
      else callback(null, address, family)
    },
    agent: false,
    signal,
    maxHeaderSize: 64 * 1024,
  }
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(options, resolve)
    outgoing.on('error', reject)
    outgoing.end(hop.body ?? undefined)
  })
}

/** Counted after decompression, so that a small bomb is a large answer. */
async function readCapped(answer: IncomingMessage, maxBytes: number) {
  const encoding = answer.headers['content-encoding']?.toLowerCase()
  const decoder =
    encoding === 'gzip'
      ? createGunzip()
      : encoding === 'br'
        ? createBrotliDecompress()
        : encoding === 'deflate'
          ? createInflate()
          : null
  if (decoder !== null) answer.on('error', (error) => decoder.destroy(error))
  const source = decoder === null ? answer : answer.pipe(decoder)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes - length))
    length += chunk.length
    if (length > maxBytes) break
  }
  answer.destroy()
  return { body: Buffer.concat(chunks), isTruncated: length > maxBytes }
}

const keep = (headers: Hop['headers'], pattern: RegExp): Hop['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => pattern.test(name)))

function nextHop(hop: Hop, status: number, location: string): Hop {
  let target: URL
  try {
    target = new URL(location, hop.url)
  } catch {
    throw failed('the redirect is malformed')
  }
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST'
  const sameOrigin = target.origin === hop.url.origin
  if (!sameOrigin && hop.body !== null && !becomesGet) {
    throw refused('the address wants the request body sent elsewhere')
  }
  const headers = sameOrigin ? hop.headers : keep(hop.headers, HARMLESS_HEADERS)
  return {
    url: target,
    method: becomesGet ? 'GET' : hop.method,
    headers: becomesGet ? keep(headers, /^(?!content-)/) : headers,
    body: becomesGet ? null : hop.body,
  }
}

export async function fetchChecked(
  request: FetchRequest,
  options: AddressPolicy,
): Promise<FetchAnswer> {
  const signal = AbortSignal.timeout(request.timeoutMs)
  const start = checkUrl(request.url)
  if (!start.ok) throw refused(start.error.message)
  let hop: Hop = {
    url: start.value,
    method: request.method,
    headers: Object.fromEntries(
      Object.entries(request.headers)
        .map(([name, value]) => [name.toLowerCase(), value] as const)
        .filter(([name, value]) => !RESERVED_HEADERS.test(name) && !/[\r\n\0]/.test(value)),
    ),
    body: request.bodyB64 === undefined ? null : Buffer.from(request.bodyB64, 'base64'),
  }
  try {
    for (let redirects = 0; ; redirects += 1) {
      const answer = await send(hop, await checkedAddress(hostOf(hop.url), options), signal)
      const status = answer.statusCode ?? 0
      const { location } = answer.headers
      if (!REDIRECTS.has(status) || location === undefined) {
        const { body, isTruncated } = await readCapped(answer, request.maxBytes)
        const headers = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
          (values ?? []).map((value): [string, string] => [name, value]),
        )
        const bodyB64 = body.toString('base64')
        return { url: hop.url.href, status, headers, bodyB64, isTruncated }
      }
      answer.destroy()
      if (redirects >= request.maxRedirects) throw refused('the address redirects too often')
      hop = nextHop(hop, status, location)
      const checked = checkUrl(hop.url)
      if (!checked.ok) throw refused(checked.error.message)
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (signal.aborted) throw new Refusal('TIMEOUT', 'the address did not answer in time')
    throw failed('the address could not be reached')
  }
}
