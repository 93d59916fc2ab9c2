/** Reads a request's body within a limit and against the hash that its token was signed over. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { JobClaims } from '../../../src/isolation/contract.ts'
import { refuseBody } from './authenticate.ts'
import { Refusal } from './refusal.ts'

export const sha256Of = (data: Uint8Array | string): string =>
  createHash('sha256').update(data).digest('hex')

export async function readBody(
  request: IncomingMessage,
  claims: JobClaims,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw new Refusal('INVALID_JOB', 'the body is too large')
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks, length)
  return sha256Of(body) === claims.bodySha256 ? body : refuseBody()
}

export async function readJson(
  request: IncomingMessage,
  claims: JobClaims,
  maxBytes: number,
): Promise<unknown> {
  const body = await readBody(request, claims, maxBytes)
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refusal('INVALID_JOB', 'the body is no JSON')
  }
}
