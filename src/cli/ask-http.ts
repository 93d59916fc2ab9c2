/**
 * One plain HTTP request, for what no socket tells: pairing, health, and the audit's probes. It follows
 * no redirect, keeps no connection and reads no more than it was told to.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { TLSSocket } from 'node:tls'

const TIMEOUT_MS = 10_000
const MAX_ANSWER_CHARS = 100_000

export interface HttpQuestion {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs?: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** When the gateway's certificate ends; null over plain HTTP. */
  readonly certificateEndsAt: number | null
}

/** @throws Error with the code of Node's network or TLS layer when there is no answer. */
export function askHttp(url: URL, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS } = question
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const signal = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    let isAnswered = false
    const take = (response: IncomingMessage) => {
      isAnswered = true
      const certificateEndsAt = endOfCertificate(response)
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        if (text.length < MAX_ANSWER_CHARS) text += chunk
      })
      const finish = () => {
        const { statusCode: status = 0, headers: answered } = response
        const plain = Object.fromEntries(
          Object.entries(answered).map(([name, value]) => [name, String(value)]),
        )
        resolve({ status, headers: plain, text, certificateEndsAt })
      }
      response.on('end', finish)
      // Who refuses a body may hang up before all of it was read; the answer stands.
      response.on('error', finish)
    }
    const request = send(url, { method, headers, signal, agent: false }, take)
    request.on('upgrade', (response, socket) => {
      isAnswered = true
      socket.destroy()
      resolve({ status: 101, headers: {}, text: '', certificateEndsAt: endOfCertificate(response) })
    })
    request.on('error', (error) => {
      if (!isAnswered) reject(error)
    })
    request.end(body)
  })
}

function endOfCertificate({ socket }: IncomingMessage): number | null {
  if (!('getPeerCertificate' in socket)) return null
  const ends = Date.parse((socket as TLSSocket).getPeerCertificate().valid_to)
  return Number.isNaN(ends) ? null : ends
}
