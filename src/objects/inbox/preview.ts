/**
 * An answer that grows while it is written: typing first, then one message that is edited. It is a
 * courtesy: whatever goes wrong here is made good by the whole answer, which is sent as its own step.
 */
import type { Audience } from '../../domain/channel-event.ts'
import type { OpenChannel } from '../../gateway/channels/open-channel.ts'
import type { Reach } from './reach.ts'

/** Platforms show it for about five seconds. */
const TYPING_MS = 4_000
/** A first message of two words would only flicker. */
const MIN_FIRST_CHARS = 24
const MARK = ' …'

type PreviewChannel = Pick<OpenChannel, 'client' | 'editEveryMs' | 'first'>

export class Preview {
  readonly #channel: PreviewChannel
  readonly #now: () => number
  readonly #asker: Audience
  readonly #reach: Reach
  #text = ''
  #shown = ''
  #messageId: string | null = null
  #nextAt = 0
  #isBroken = false
  #sending: Promise<void> | null = null
  #typing: ReturnType<typeof setInterval> | null = null

  constructor(channel: PreviewChannel, now: () => number, asker: Audience, reach: Reach) {
    this.#channel = channel
    this.#now = now
    this.#asker = asker
    this.#reach = reach
  }

  begin(): void {
    if (this.#typing !== null || this.#channel.client.typing === undefined) return
    const type = (): void => {
      if (this.#messageId !== null || this.#sending !== null) return
      void this.#type().catch(() => undefined)
    }
    this.#typing = setInterval(type, TYPING_MS)
    type()
  }

  push(content: string): void {
    this.#text += content
    const { editEveryMs, client } = this.#channel
    if (editEveryMs === null || client.edit === undefined || this.#isBroken) return
    if (this.#sending !== null || this.#now() < this.#nextAt) return
    if (this.#messageId === null && this.#text.length < MIN_FIRST_CHARS) return
    this.#sending = this.#show().finally(() => {
      this.#nextAt = this.#now() + editEveryMs
      this.#sending = null
    })
  }

  /** The message that the answer's first piece replaces, once nothing is on its way any more. */
  async end(): Promise<string | null> {
    if (this.#typing !== null) clearInterval(this.#typing)
    this.#typing = null
    await this.#sending
    return this.#messageId
  }

  /** It is a word to the platform as well: none over a channel that is stopped, nor to whoever was let out. */
  async #type(): Promise<void> {
    const to = await this.#reach(this.#asker)
    if (this.#typing !== null) await to?.client.typing?.(to.address)
  }

  async #show(): Promise<void> {
    try {
      // As an answer is asked about, piece by piece: what grows of it is said before it is whole.
      const to = await this.#reach(this.#asker)
      if (to === null) {
        this.#isBroken = true
        return
      }
      const first = this.#channel.first(`${this.#text}${MARK}`)
      if (first === null || first === this.#shown) return
      this.#shown = first
      const id = this.#messageId
      const shown =
        id === null
          ? await to.client.send(to.address, first)
          : await to.client.edit?.(to.address, id, first)
      if (shown === undefined) return
      if (!shown.ok) {
        this.#isBroken = true
        return
      }
      if (shown.value !== null) this.#messageId = shown.value.messageId
    } catch {
      this.#isBroken = true
    }
  }
}
