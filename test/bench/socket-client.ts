/**
 * One session's own socket, asking one thing at a time. It reads no event: it waits for the answer of
 * its request and lets everything else pass.
 */
import { WebSocket } from 'ws'

export interface SessionSocket {
  /** Resolves when the run that the message started has ended. */
  send(message: string): Promise<void>
  close(): void
}

const ANSWER = '{"type":"res"'
const SUCCESS = '"ok":true'

export function openSocket(url: string, protocols: readonly string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(url, [...protocols], { perMessageDeflate: false })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}

export async function openSessionSocket(
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  sessionKey: string,
): Promise<SessionSocket> {
  const socket = await openSocket(
    `${url.replace('http', 'ws')}/v1/sessions/${encodeURIComponent(sessionKey)}/ws`,
    ['edgeclaw.v3', `bearer.${Buffer.from(apiKey).toString('base64url')}`],
  )
  let settle: ((text: string) => void) | null = null
  let fail: ((error: Error) => void) | null = null
  let id = 0
  socket.on('message', (data) => {
    const text = String(data)
    if (text.startsWith(ANSWER)) settle?.(text)
  })
  socket.on('close', (code) => fail?.(new Error(`the socket was closed: ${code}`)))
  return {
    async send(message) {
      const answer = await new Promise<string>((resolve, reject) => {
        settle = resolve
        fail = reject
        socket.send(
          JSON.stringify({
            type: 'req',
            id: `${++id}`,
            method: 'chat.send',
            params: { message, idempotencyKey: `send-${id}` },
          }),
        )
      })
      if (!answer.includes(SUCCESS)) throw new Error(answer.slice(0, 500))
    },
    close() {
      fail = null
      socket.close()
    },
  }
}
