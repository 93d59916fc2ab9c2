/** Transcripts as the loop writes them: calls are followed by all of their results. */
import fc from 'fast-check'
import type { Message } from '../../src/domain/message.ts'

export const user = (content: string): Message => ({ role: 'user', content, createdAt: 0 })
export const says = (content: string): Message => ({ role: 'assistant', content, createdAt: 0 })

/** @param ids one call each, in one message, with their results */
export const works = (ids: readonly string[], content: string, text = ''): readonly Message[] => [
  {
    role: 'assistant',
    content: text,
    toolCalls: ids.map((id) => ({ id, name: 'read', arguments: { path: id } })),
    createdAt: 0,
  },
  ...ids.map((toolCallId) => ({
    role: 'tool' as const,
    toolCallId,
    name: 'read',
    content,
    isError: false,
    createdAt: 0,
  })),
]

const text = (maxLength: number) => fc.string({ maxLength })

/** Any order of messages, of a user who may speak several times, and of work in any size. */
export const anyTurns = (maxGroups: number, maxText = 400) =>
  fc
    .array(
      fc.oneof(
        text(maxText).map((content) => [user(content)]),
        text(maxText).map((content) => [says(content)]),
        fc
          .tuple(fc.nat({ max: 4 }), text(maxText), fc.nat({ max: 12 }))
          .map(([extra, content, times]) =>
            works(
              Array.from({ length: extra + 1 }, () => crypto.randomUUID()),
              content.repeat(times),
            ),
          ),
      ),
      { maxLength: maxGroups },
    )
    .map((groups): readonly Message[] => [user('first'), ...groups.flat()])
