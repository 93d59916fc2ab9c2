/** A vendor's handler that may read its request: whoever asks may be killed in the middle of a sentence. */
import type { IncomingMessage, ServerResponse } from 'node:http'

type Handler = (incoming: IncomingMessage, response: ServerResponse) => unknown

const isCutOff = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNRESET'

/** Everything but a request that was cut off stays an error. */
export const answering =
  (handler: Handler) =>
  async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await handler(incoming, response)
    } catch (error) {
      if (!isCutOff(error)) throw error
      response.destroy()
    }
  }
