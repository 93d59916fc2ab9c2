/**
 * Fetches a page and answers it as text. Where it may go is judged twice: by its form here, before
 * anything is sent, and by what its name resolves to behind the port, at every redirect. What comes
 * back is data from outside and marked as such, head and all.
 */
import { z } from 'zod'
import type { WebAnswer, WebFailure } from '../../domain/ports/web.ts'
import { err, ok } from '../../domain/result.ts'

import { checkUrl, MAX_URL_CHARS } from '../../egress/url.ts'
import { defineTool } from '../tool.ts'
import { PAGE_FORMATS, type Page, readPage } from '../web/page.ts'
import { schemeOf, withoutCredentials } from '../web/shown-url.ts'
import { failed } from './workspace-failure.ts'

/** What one result holds beside its head; a longer one is kept whole as a file. */
const DEFAULT_MAX_CHARS = 28_000
const MAX_MAX_CHARS = 200_000
/** The most that any tenant allows; its own limit stands behind the port. */
const MAX_BYTES = 10 * 1024 * 1024
const TIMEOUT_MS = 30_000
const MAX_REDIRECTS = 3

const HEADERS = {
  accept: 'text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, */*;q=0.5',
  'accept-language': 'en, *;q=0.5',
  'user-agent': 'EdgeClaw/0.1 (web_fetch)',
}

export const webFetchTool = defineTool({
  name: 'web_fetch',
  description:
    'Fetches a public web address (http or https) and answers its text: the main content of a page as Markdown, feeds as a list, JSON and plain text as they are. Private addresses are refused.',
  schema: z.strictObject({
    url: z.string().min(1).max(MAX_URL_CHARS).describe('The address, with https://'),
    format: z.enum(PAGE_FORMATS).default('markdown').describe('raw is the source as it was sent'),
    max_chars: z
      .int()
      .min(100)
      .max(MAX_MAX_CHARS)
      .default(DEFAULT_MAX_CHARS)
      .describe('Cut the text after so many characters'),
  }),
  group: 'web',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: true,
  needs: 'nothing',
  guard: ({ url }) => {
    const checked = checkUrl(url)
    return checked.ok
      ? ok({ isReadOnly: true, cwd: null, commands: null, standing: null })
      : err({ kind: 'url_denied', refusal: checked.error, scheme: schemeOf(url) })
  },
  run: async (args, context) => {
    if (context.web === null) {
      return failed('web unavailable: addresses cannot be checked here, so none is contacted.')
    }
    const checked = checkUrl(args.url)
    if (!checked.ok) return failed(`The address was refused: ${checked.error.message}.`)
    checked.value.hash = ''
    const sent = await context.web.send(
      {
        url: checked.value.href,
        method: 'GET',
        headers: HEADERS,
        maxBytes: MAX_BYTES,
        timeoutMs: TIMEOUT_MS,
        maxRedirects: MAX_REDIRECTS,
      },
      context.signal,
    )
    if (!sent.ok) return failed(describeWebFailure(sent.error))
    const { value: answer } = sent
    const page = readPage(answer, { format: args.format, maxChars: args.max_chars })
    return {
      content: page.ok ? present(answer, page.value) : `${headOf(answer)}\n\n${page.error}`,
      isError: answer.status >= 400 || !page.ok,
      untrusted: { kind: 'web' },
    }
  },
})

export function describeWebFailure({ kind, message }: WebFailure): string {
  switch (kind) {
    case 'unavailable':
      return `web unavailable: ${message}.`
    case 'refused':
      return `The address was refused: ${message}.`
    case 'timeout':
    case 'failed':
      return `The address could not be fetched: ${message}.`
  }
}

const headOf = ({ url, status }: WebAnswer): string =>
  `URL: ${withoutCredentials(url)}\nStatus: ${status}`

function present(answer: WebAnswer, page: Page): string {
  const head = [headOf(answer), `Type: ${page.mediaType}`]
  if (page.title !== '') head.push(`Title: ${page.title}`)
  const notes: string[] = []
  if (page.isCut) notes.push('[The text is cut here; max_chars can ask for more.]')
  if (answer.isTruncated) notes.push('[The answer was larger than allowed; its end is missing.]')
  return [head.join('\n'), page.text === '' ? '[no text]' : page.text, ...notes].join('\n\n')
}
