/**
 * `edgeclaw chat`: one message, the run shown as it goes. A dropped connection is repaired — the
 * message is repeated under its idempotency key, which reattaches to the run instead of starting
 * another.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { DisconnectedError, type EventFrame, GatewayClient } from './client.ts'
import type { Action } from './commands/command.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { findGateway, GATEWAY_FLAGS, type GatewayAddress } from './local-gateway.ts'
import { inPlainWords } from './plain-words.ts'
import type { Environment } from './start/options.ts'
import { paletteFor, toJsonText, toOneLine } from './terminal.ts'
import { type AgentEvent, type Output, openTranscript } from './transcript.ts'

const CHAT_FLAGS: readonly FlagSpec[] = [
  {
    name: 'session',
    value: 'KEY',
    help: 'continue a conversation: its key, or a name of your own',
  },
  { name: 'agent', value: 'KEY', help: 'the agent to talk to (default: the tenant’s first)' },
  { name: 'user', value: 'ID', help: 'act as this user (only some credentials may)' },
  { name: 'json', help: 'print the events as they come, one JSON object a line' },
  ...GATEWAY_FLAGS,
]

/** A gateway that restarts is back within a second; after half a minute it is down. */
const RECONNECT_FOR_MS = 30_000
const RECONNECT_EVERY_MS = 300
const DEFAULT_AGENT = 'default'

export interface ChatIo {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Environment
  /** Aborted by Ctrl-C: the run is stopped, not only left. */
  readonly signal: AbortSignal
}

interface Message {
  readonly text: string
  readonly sessionKey: string | null
  readonly agent: string | null
  readonly user: string | null
}

/** A session key has at least four parts; anything shorter is a name for a conversation of one's own. */
const toSessionKey = (name: string, agent: string | null): string =>
  name.startsWith('agent:') ? name : `agent:${agent ?? DEFAULT_AGENT}:ws:direct:${name}`

interface SendResult {
  readonly content?: string
  readonly cancelled?: boolean
  readonly injected?: boolean
}

/** Sends the message until it is answered, over as many connections as that takes. */
async function converse(
  address: GatewayAddress,
  message: Message,
  onEvent: (event: AgentEvent, frame: EventFrame) => void,
  signal: AbortSignal,
): Promise<SendResult> {
  const idempotencyKey = randomUUID()
  let sessionKey = message.sessionKey
  let lastSeq = 0
  let wasConnected = false
  let giveUpAt = Date.now()
  for (;;) {
    let client: GatewayClient | null = null
    try {
      const connection = await GatewayClient.connect({
        ...address,
        ...(message.user === null ? {} : { userId: message.user }),
      })
      client = connection.client
      wasConnected = true
      client.onEvent((frame) => {
        const event = frame.payload as AgentEvent | undefined
        if (frame.event !== 'agent' || event === undefined) return
        if (sessionKey !== null && event.sessionKey !== sessionKey) return
        // After a reconnect the log is replayed from where we were: nothing is shown twice.
        if (frame.seq !== undefined && frame.seq <= lastSeq) return
        lastSeq = frame.seq ?? lastSeq
        sessionKey ??= event.sessionKey
        onEvent(event, frame)
      })
      const stop = () => void client?.request('chat.abort', { sessionKey }).catch(() => undefined)
      signal.addEventListener('abort', stop, { once: true })
      if (lastSeq > 0) {
        await client.request('sessions.resume', { sessionKey, afterSeq: lastSeq }).catch(() => null)
      }
      const result = await client.request('chat.send', {
        message: message.text,
        idempotencyKey,
        stream: true,
        ...(sessionKey === null ? {} : { sessionKey }),
        ...(message.agent === null ? {} : { agentId: message.agent }),
      })
      return result as SendResult
    } catch (error) {
      const isDropped = error instanceof DisconnectedError && wasConnected && !signal.aborted
      if (!isDropped) throw error
      if (client !== null) giveUpAt = Date.now() + RECONNECT_FOR_MS
      if (Date.now() > giveUpAt || error.code === 1008) throw error
      await delay(RECONNECT_EVERY_MS)
    } finally {
      client?.close()
    }
  }
}

export async function chat(args: readonly string[], io: ChatIo): Promise<number> {
  const { values, positionals } = parseFlags(args, CHAT_FLAGS)
  const text = positionals.join(' ')
  if (text.trim() === '') throw usageFailure('what should be said? npm run chat -- "your message"')
  const agent = values.get('agent') ?? null
  const session = values.get('session') ?? null
  const message: Message = {
    text,
    agent,
    user: values.get('user') ?? null,
    sessionKey: session === null ? null : toSessionKey(session, agent),
  }
  const address = findGateway(values, io.env)
  const isJson = values.has('json')
  const transcript = openTranscript(io.stdout, io.stderr)
  let seenKey: string | null = null
  const onEvent = (event: AgentEvent, frame: EventFrame) => {
    seenKey = event.sessionKey
    if (isJson) io.stdout.write(`${toJsonText(frame)}\n`)
    else transcript.show(event)
  }
  const result = await converse(address, message, onEvent, io.signal).catch((error: unknown) => {
    if (!isJson) transcript.finish('')
    throw inPlainWords(error, address)
  })
  if (isJson) io.stdout.write(`${toJsonText({ type: 'res', payload: result })}\n`)
  else transcript.finish(result.content ?? '')
  const { dim, yellow } = paletteFor(io.stderr as { isTTY?: boolean })
  if (result.cancelled) {
    transcript.note(yellow('The run was cancelled.'))
    return 1
  }
  if (result.injected) transcript.note(dim('The agent is busy: your message went into its run.'))
  if (!isJson && session === null && seenKey !== null) {
    transcript.note(dim(`continue with --session ${toOneLine(seenKey, MAX_SHOWN_KEY)}`))
  }
  return 0
}

/** A session key has at most 400 characters. */
const MAX_SHOWN_KEY = 400

/** Exit code of a program that Ctrl-C ended (128 + SIGINT). */
const INTERRUPTED = 130
/** How long a run that is to be stopped may take to say so. */
const ABORT_GRACE_MS = 2_000

export const CHAT: Action = {
  flags: CHAT_FLAGS,
  async run(args, { stdout, stderr, env }) {
    const interruption = new AbortController()
    process.once('SIGINT', () => {
      interruption.abort()
      setTimeout(() => process.exit(INTERRUPTED), ABORT_GRACE_MS).unref()
    })
    const code = await chat(args, { stdout, stderr, env, signal: interruption.signal })
    return interruption.signal.aborted ? INTERRUPTED : code
  },
}
