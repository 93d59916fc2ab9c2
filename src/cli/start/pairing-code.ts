/**
 * The code of the first set-up, for whoever looks at the terminal of a first start. Not for scripts:
 * in a log it would be read by whom it is not for.
 */
import { z } from 'zod'
import { GatewayClient } from '../client.ts'

const answerSchema = z.object({ code: z.string().regex(/^\d{6}$/) })

export interface FirstStart {
  readonly url: string
  /** Null in development mode, where nobody needs a code. */
  readonly token: string | null
  readonly isFirst: boolean
  /** Whether a person reads along. */
  readonly isTerminal: boolean
}

/** Null where there is none to show; that it could not be made keeps no gateway from starting. */
export async function firstPairingCode(
  { url, token, isFirst, isTerminal }: FirstStart,
  connect = GatewayClient.connect,
): Promise<string | null> {
  if (!isFirst || !isTerminal || token === null) return null
  try {
    const { client } = await connect({ url, token })
    try {
      return answerSchema.parse(await client.request('gateway.pairing_code.create')).code
    } finally {
      client.close()
    }
  } catch {
    return null
  }
}
