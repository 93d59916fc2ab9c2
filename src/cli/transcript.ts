/**
 * Shows a run as it goes: the answer on stdout as it streams, everything about it on stderr, so that
 * `npm run chat … > answer.txt` keeps the answer alone.
 */
import { isColourful, paletteFor, toOneLine, toPlainText, widthOf } from './terminal.ts'

export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** The payload of event `agent`. */
export interface AgentEvent {
  readonly type: string
  readonly runId: string
  readonly sessionKey: string
  readonly payload?: Readonly<Record<string, unknown>>
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)

/** What a call is about, in a line: the one argument that matters, or all of them. */
function describeArguments(args: unknown): string {
  if (typeof args !== 'object' || args === null) return text(args)
  const { command, path, url } = args as Record<string, unknown>
  const main = command ?? path ?? url
  return typeof main === 'string' ? main : JSON.stringify(args)
}

export interface Transcript {
  show(event: AgentEvent): void
  /** Ends the answer; `content` is shown when nothing of it was streamed. */
  finish(content: string): void
  note(line: string): void
}

export function openTranscript(answer: Output, notes: Output): Transcript {
  const palette = paletteFor(notes, process.env)
  const width = widthOf(notes) - 4
  const areShownTogether = isColourful(answer, {}) && isColourful(notes, {})
  let streamed = false
  let isLineOpen = false

  const breakLine = () => {
    if (isLineOpen) answer.write('\n')
    isLineOpen = false
  }
  const note = (line: string) => {
    if (areShownTogether) breakLine()
    notes.write(`${line}\n`)
  }
  const say = (content: string) => {
    const plain = toPlainText(content)
    if (plain === '') return
    answer.write(plain)
    isLineOpen = !plain.endsWith('\n')
    streamed = true
  }
  return {
    note,
    show({ type, payload = {} }) {
      switch (type) {
        case 'chunk':
          say(text(payload['content']))
          break
        case 'tool.call': {
          const name = toOneLine(text(payload['name']), 40)
          const args = toOneLine(describeArguments(payload['arguments']), width - name.length - 1)
          note(`${palette.cyan('▸')} ${palette.dim(`${name} ${args}`)}`)
          streamed = false
          break
        }
        case 'tool.result': {
          const isError = payload['is_error'] === true
          const lines = text(payload['result']).trim().split('\n')
          const rest = lines.length - 1
          const more = rest > 0 ? `  (+${rest} line${rest === 1 ? '' : 's'})` : ''
          const first = toOneLine(lines[0] ?? '', width - more.length) || 'no output'
          const mark = isError ? palette.red('✗') : palette.green('✓')
          note(`${mark} ${palette.dim(first + more)}`)
          break
        }
        case 'activity':
          if (payload['phase'] === 'tool_slow') {
            const why = text(payload['reason'] ?? payload['message'] ?? payload['phase'])
            note(`${palette.yellow('…')} ${palette.dim(toOneLine(why, width))}`)
          }
          if (payload['phase'] === 'approval_wait') {
            const id = toOneLine(text(payload['approvalId']), 40)
            note(`${palette.yellow('…')} waits for approval: ${palette.dim(id)}`)
            note(palette.dim(`  in another terminal: npm run cli -- approvals approve ${id}`))
          }
          break
        case 'run.retrying':
          note(
            `${palette.yellow('…')} ${palette.dim(toOneLine(`the model is asked again (${text(payload['attempt'])} of ${text(payload['maxAttempts'])})`, width))}`,
          )
          break
      }
    },
    finish(content) {
      if (!streamed) say(content)
      breakLine()
    },
  }
}
