/** A browser that nobody knows: it shows a code, and is let in when an admin has approved it. */
import { Button } from '@cloudflare/kumo/components/button'
import { useEffect, useState } from 'react'
import { gateway } from '../client/gateway.ts'
import { inPlainWords } from '../client/refusal.ts'
import { type PairingOffer, Socket } from '../client/socket.ts'

const ASK_EVERY_MS = 2_000

interface PairingStatus {
  readonly status: 'pending' | 'approved' | 'expired'
  readonly token?: string
}

export function PairingSignIn({ onFailure }: { readonly onFailure: (text: string) => void }) {
  const [offer, setOffer] = useState<PairingOffer | null>(null)
  const [socket, setSocket] = useState<Socket | null>(null)
  useEffect(() => () => socket?.close(), [socket])
  useEffect(() => {
    if (offer === null || socket === null) return
    let isOver = false
    const ask = async () => {
      const { sender_id, pairing_secret } = offer
      const answer = (await socket.request('browser.pairing.status', {
        sender_id,
        pairing_secret,
      })) as PairingStatus
      if (isOver) return
      if (answer.token !== undefined) return gateway.signIn(answer.token)
      if (answer.status === 'expired') throw new Error('The code has ended. Ask for another.')
    }
    const timer = setInterval(() => {
      ask().catch((error: unknown) => {
        setOffer(null)
        onFailure(inPlainWords(error))
      })
    }, ASK_EVERY_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [offer, socket, onFailure])
  const begin = async () => {
    try {
      const opened = await Socket.open()
      setSocket(opened)
      const hello = (await opened.request('connect', {
        sender_id: `browser-${crypto.randomUUID()}`,
        minProtocol: 3,
        maxProtocol: 3,
      })) as PairingOffer | { readonly role: string }
      if (!('pairing_code' in hello)) throw new Error('This gateway lets no browser in this way.')
      setOffer(hello)
    } catch (error) {
      onFailure(inPlainWords(error))
    }
  }
  if (offer === null)
    return (
      <Button variant="ghost" onClick={() => void begin()}>
        Ask an admin to let this browser in
      </Button>
    )
  return (
    <div role="status" className="flex flex-col gap-2 text-center">
      <p className="text-sm text-kumo-subtle">
        Tell an admin this code. This page goes on by itself.
      </p>
      <p className="font-mono text-2xl tracking-widest">{offer.pairing_code}</p>
    </div>
  )
}
