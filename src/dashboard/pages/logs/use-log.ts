/** The tenant's log from its last lines on: what is new is told by the socket, a gap is asked for. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { gateway } from '../../client/gateway.ts'
import { useGatewayEvents } from '../../client/use-gateway.ts'
import { type Line, withLines } from './lines.ts'

const FIRST_LINES = 500
/** Lines come in bursts: they are shown together. */
const TOGETHER_MS = 200

export interface Log {
  /** Null: not known yet. */
  readonly lines: readonly Line[] | null
  readonly error: unknown
  readonly retry: () => void
  readonly clear: () => void
}

export function useLog(): Log {
  const [lines, setLines] = useState<readonly Line[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const waiting = useRef<Line[]>([])
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const ask = useCallback(async () => {
    try {
      const { lines: last } = await gateway.read('logs.tail', { limit: FIRST_LINES, follow: true })
      const come = last.map(({ created_at, ...line }) => ({ ...line, at: Date.parse(created_at) }))
      setError(null)
      setLines((kept) => withLines(kept ?? [], come))
    } catch (failure) {
      setError(failure)
    }
  }, [])
  useEffect(() => {
    void ask()
    // Another socket follows nothing, and lines were missed.
    const stop = gateway.onReopened(() => void ask())
    return () => {
      stop()
      if (timer.current !== null) clearTimeout(timer.current)
    }
  }, [ask])
  useGatewayEvents(({ event, payload }) => {
    if (event !== 'log') return
    waiting.current.push(payload as Line)
    timer.current ??= setTimeout(() => {
      timer.current = null
      const come = waiting.current.splice(0)
      setLines((kept) => withLines(kept ?? [], come))
    }, TOGETHER_MS)
  })
  return { lines, error, retry: () => void ask(), clear: () => setLines([]) }
}
