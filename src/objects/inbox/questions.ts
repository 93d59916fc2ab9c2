/**
 * Questions that a run waits with, put to the conversation they came up in: they show what is to be run,
 * and are for whoever the answer is for. Who may answer is judged where the answer arrives. Like a
 * preview it is a courtesy: the question stands without it.
 */
import type { Audience } from '../../domain/channel-event.ts'
import type { RunEvent } from '../../domain/run-event.ts'
import type { OpenChannel } from '../../gateway/channels/open-channel.ts'
import type { Reach } from './reach.ts'

type AskingChannel = Pick<OpenChannel, 'client' | 'questionOf'>
type Question = NonNullable<ReturnType<OpenChannel['questionOf']>>

export class Questions {
  readonly #channel: AskingChannel
  readonly #asker: Audience
  readonly #reach: Reach
  #open: Promise<string | null> | null = null

  constructor(channel: AskingChannel, asker: Audience, reach: Reach) {
    this.#channel = channel
    this.#asker = asker
    this.#reach = reach
  }

  hear(event: RunEvent): void {
    if (event.type === 'activity' && event.phase === 'approval_wait') this.#ask(event.detail ?? {})
    else if (event.type === 'tool.result' || event.type === 'tool.call') void this.end()
  }

  /** Whatever became of it: nobody waits for an answer any more. */
  async end(): Promise<void> {
    const open = this.#open
    this.#open = null
    const messageId = await open
    if (messageId == null || this.#channel.client.settle === undefined) return
    try {
      // Buttons that nothing is behind are taken away whoever sees them; over a channel that is open.
      const to = await this.#reach('anyone')
      await to?.client.settle?.(to.address, messageId, 'This question is over.')
    } catch {}
  }

  #ask(detail: Readonly<Record<string, unknown>>): void {
    const question = this.#channel.questionOf(detail)
    if (question === null || this.#channel.client.ask === undefined || this.#open !== null) return
    this.#open = this.#put(question).catch(() => null)
  }

  async #put(question: Question): Promise<string | null> {
    const to = await this.#reach(this.#asker)
    const asked = await to?.client.ask?.(to.address, question)
    return asked?.ok ? asked.value.messageId : null
  }
}
