/**
 * What a gateway says that opens no socket: one that lacks a setting answers every request with 503
 * and the sentence that names it, and a WebSocket shows nothing of an answer.
 */
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { json } from 'node:stream/consumers'
import { z } from 'zod'

const ANSWER_TIMEOUT_MS = 2_000

const answerSchema = z.object({
  error: z.object({ code: z.string().max(100), message: z.string().max(1_000) }),
})
export type Unavailable = z.infer<typeof answerSchema>['error']

/** @returns null when nobody answers there, or answers anything but such a 503. */
export async function whyUnavailable(url: string): Promise<Unavailable | null> {
  try {
    const address = new URL('/health', url.replace(/^ws/, 'http'))
    const get = address.protocol === 'https:' ? getHttps : getHttp
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    return await new Promise<Unavailable | null>((resolve, reject) => {
      const request = get(address, { signal, agent: false }, (response) => {
        if (response.statusCode === 503) {
          json(response).then((body) => resolve(answerSchema.parse(body).error), reject)
          return
        }
        response.resume()
        resolve(null)
      })
      request.on('error', reject)
    }).catch(() => null)
  } catch {
    return null
  }
}
