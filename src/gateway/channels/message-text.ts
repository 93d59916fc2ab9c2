/** What the model is told of a message of a channel: who speaks, what they said, what others said. */
import type { InboundMessage } from '../../domain/channel-event.ts'
import { cutHead } from '../../domain/text-cut.ts'
import { UNDRAWN } from '../../domain/undrawn.ts'
import type { ChannelRun } from './open-channel.ts'

/** A file of a message, as it lies in the workspace; null where it could not be taken. */
export interface KeptFile {
  readonly name: string
  readonly path: string | null
  /** It came with something that was passed on: what it is called is another's words. */
  readonly isOthers?: true
}

const MAX_NAME_CHARS = 80
const MAX_LINE_CHARS = 1_000

/** People choose it: no line of it begins another, and no bracket ends ours. */
const nameOf = ({ sender: { displayName, id } }: InboundMessage): string =>
  cutHead((displayName || id).replaceAll(UNDRAWN, ' ').replaceAll(/[[\]]/g, ' '), MAX_NAME_CHARS)

/** Its words are the hook owner's: only what it was called with is its caller's. */
const isHook = ({ address }: InboundMessage): boolean => typeof address['hook'] === 'string'

/** In a group the sender is told; directly there is but one. */
export function spokenText(
  messages: readonly InboundMessage[],
  files: readonly KeptFile[],
): string {
  const [first] = messages
  if (first === undefined) return ''
  const said = messages
    .filter((message) => !message.isRelayed || isHook(message))
    .map(({ text }) => text)
    .filter((text) => text.trim() !== '')
    .join('\n\n')
  const attached = files.map(({ name, path, isOthers }) => {
    const called = isOthers ? 'A file that was passed on' : `The file ${JSON.stringify(name)}`
    if (path === null) return `[${called} could not be taken.]`
    const whose = isOthers ? called : 'File of the sender'
    return `[${whose}, in your workspace: ${path}]`
  })
  const isGroup = first.conversation.kind === 'group'
  const body = [said, ...attached].filter((part) => part !== '').join('\n\n')
  const whole = body === '' ? '[A message without words of its own.]' : body
  return isGroup ? `[${nameOf(first)}, sender ${first.sender.id}]: ${whole}` : whole
}

/** What others said: forwarded, quoted, or overheard in the group. Nobody obeys it. */
export function outsideOf(
  messages: readonly InboundMessage[],
  overheard: readonly string[],
): ChannelRun['outside'] {
  const parts = [
    ...(overheard.length === 0 ? [] : [['Said here before:', ...overheard].join('\n')]),
    ...messages.flatMap((message) => {
      const { text, quoted, isRelayed } = message
      return [
        ...(isRelayed && !isHook(message) && text.trim() !== ''
          ? [`Passed on by the sender:\n${text}`]
          : []),
        ...(quoted === null || quoted.trim() === ''
          ? []
          : [`What the message is about:\n${quoted}`]),
      ]
    }),
  ]
  if (parts.length === 0) return null
  const kind = messages.some(isHook) ? 'webhook' : 'channel'
  return { text: parts.join('\n\n'), source: { kind } }
}

export const overheardLine = (message: InboundMessage): string =>
  `${nameOf(message)}: ${message.text.replaceAll(/\s+/g, ' ').slice(0, MAX_LINE_CHARS)}`
