/**
 * Questions that a run waits with, put to the conversation they came up in. Who may answer is judged
 * where the answer arrives. Like a preview it is a courtesy: the question stands without it.
 */
import type { ReplyAddress } from '../../domain/channel-event.ts'
import type { RunEvent } from '../../domain/run-event.ts'
import type { OpenChannel } from '../../gateway/channels/open-channel.ts'

type AskingChannel = Pick<OpenChannel, 'client' | 'questionOf'>

export class Questions {
  readonly #channel: AskingChannel
  readonly #address: ReplyAddress
  #open: Promise<string | null> | null = null

  constructor(channel: AskingChannel, address: ReplyAddress) {
    this.#channel = channel
    this.#address = address
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
    const { settle } = this.#channel.client
    if (messageId == null || settle === undefined) return
    await settle
      .call(this.#channel.client, this.#address, messageId, 'This question is over.')
      .catch(() => undefined)
  }

  #ask(detail: Readonly<Record<string, unknown>>): void {
    const question = this.#channel.questionOf(detail)
    const { client } = this.#channel
    if (question === null || client.ask === undefined || this.#open !== null) return
    this.#open = client.ask(this.#address, question).then(
      (asked) => (asked.ok ? asked.value.messageId : null),
      () => null,
    )
  }
}
