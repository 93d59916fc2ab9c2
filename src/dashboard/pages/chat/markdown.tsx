/**
 * Markdown of a model as React elements. Raw HTML is text, an image is a link (nothing is fetched for
 * a text), and a link leads to the web, to mail or to a file of the workspace, or nowhere.
 */
import type { Token, Tokens } from 'marked'
import { Fragment, memo, type ReactNode, useContext, useState } from 'react'
import { gatewayOrigin } from '../../client/address.ts'
import { CodeBlock } from './code-block.tsx'
import { FileLink } from './file-link.tsx'
import { isAddressItself, targetOf } from './links.ts'
import { drawnOf, markdownReader, type Piece, withoutEntities } from './markdown-tokens.ts'
import { WorkspaceContext } from './workspace-context.ts'

export interface MarkdownProps {
  readonly text: string
}

export default memo(function Markdown({ text }: MarkdownProps) {
  const [read] = useState(markdownReader)
  const pieces = read(text)
  if (pieces === null) return <p className="as-written">{text}</p>
  return (
    <div className="flex flex-col gap-3 leading-6">
      {pieces.map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end
        <Blocks key={index} piece={piece} />
      ))}
    </div>
  )
})

/** Pieces that were read before are the same ones, and are not drawn anew. */
const Blocks = memo(function Blocks({ piece }: { readonly piece: Piece }) {
  return blocks(piece)
})

const keyed = (tokens: readonly Token[], draw: (token: Token) => ReactNode): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end, its tokens have no other name
  tokens.map((token, index) => <Fragment key={index}>{draw(token)}</Fragment>)

/** The box of a task is drawn by its list. */
const UNDRAWN: ReadonlySet<string> = new Set(['space', 'def', 'checkbox'])

const blocks = (tokens: readonly Token[]): ReactNode =>
  keyed(
    tokens.filter(({ type }) => !UNDRAWN.has(type)),
    (token) => <Block token={token} />,
  )

const HEADINGS = ['text-lg', 'text-base', 'text-sm'] as const

interface TokenProps {
  readonly token: Token
}

function Block({ token }: TokenProps) {
  switch (token.type) {
    case 'code':
      return <CodeBlock code={String(token['text'])} language={String(token['lang'] ?? '')} />
    case 'heading':
      return (
        <h3 className={`mt-1 font-semibold ${HEADINGS[Number(token['depth']) - 1] ?? 'text-sm'}`}>
          {inlines(token)}
        </h3>
      )
    case 'hr':
      return <hr className="border-kumo-line" />
    case 'blockquote':
      return (
        <blockquote className="flex flex-col gap-3 border-l-2 border-kumo-line pl-3 text-kumo-subtle">
          {blocks(token.tokens ?? [])}
        </blockquote>
      )
    case 'list':
      return <List list={token as Tokens.List} />
    case 'table':
      return <Table table={token as Tokens.Table} />
    case 'paragraph':
      return <p className="as-written">{inlines(token)}</p>
    case 'text':
      return <span className="as-written">{inlines(token)}</span>
    default:
      return <p className="as-written">{token.raw}</p>
  }
}

function List({ list }: { readonly list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <li key={index} className="pl-1">
      {item.task && <span aria-hidden>{item.checked ? '☑ ' : '☐ '}</span>}
      {item.task && <span className="sr-only">{item.checked ? 'done: ' : 'open: '}</span>}
      <div className="inline-flex max-w-full flex-col gap-2 align-top">{blocks(item.tokens)}</div>
    </li>
  ))
  const look = `flex flex-col gap-1 pl-6 ${list.items.some(({ task }) => task) ? 'list-none' : ''}`
  if (!list.ordered) return <ul className={`list-disc ${look}`}>{items}</ul>
  return (
    <ol className={`list-decimal ${look}`} start={Number(list.start) || 1}>
      {items}
    </ol>
  )
}

function Table({ table }: { readonly table: Tokens.Table }) {
  const cell = 'border border-kumo-line px-2 py-1 text-left align-top'
  return (
    <section
      aria-label="Table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by the keyboard
      tabIndex={0}
      className="overflow-x-auto"
    >
      <table className="border-collapse">
        <thead>
          <tr>
            {table.header.map(({ tokens }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <th key={index} scope="col" className={`${cell} bg-kumo-tint font-medium`}>
                {keyed(tokens, (token) => inline(token))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <tr key={at}>
              {row.map(({ tokens }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: see above
                <td key={index} className={cell}>
                  {keyed(tokens, (token) => inline(token))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const inlines = (token: Token): ReactNode => {
  const { tokens } = token as { readonly tokens?: readonly Token[] }
  if (tokens) return keyed(tokens, (each) => inline(each))
  return withoutEntities(String((token as { readonly text?: string }).text ?? token.raw))
}

function inline(token: Token): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{inlines(token)}</strong>
    case 'em':
      return <em>{inlines(token)}</em>
    case 'del':
      return <del>{inlines(token)}</del>
    case 'codespan':
      return (
        <code className="rounded bg-kumo-tint px-1 py-0.5 font-mono text-[0.92em]">
          {String(token['text'])}
        </code>
      )
    case 'br':
      return <br />
    case 'checkbox':
      return null
    case 'link':
      return <TextLink token={token} />
    case 'image':
      return <TextLink token={token} isImage />
    case 'text':
    case 'escape':
      return inlines(token)
    default:
      return token.raw
  }
}

function TextLink({ token, isImage = false }: TokenProps & { readonly isImage?: boolean }) {
  const workspace = useContext(WorkspaceContext)
  const { href, text } = token as Tokens.Link | Tokens.Image
  const label = withoutEntities(text) || href
  const target = targetOf(href, [location.origin, gatewayOrigin()])
  const said = isImage ? `Image: ${label}` : inlines(token)
  if (target.kind === 'file' && workspace !== null)
    return <FileLink path={target.path} {...workspace} label={label} />
  if (target.kind !== 'address') return <span title={href}>{said}</span>
  return (
    <>
      <a
        href={target.href}
        rel="noopener noreferrer"
        target="_blank"
        title={target.href}
        className="text-kumo-link underline [overflow-wrap:anywhere]"
      >
        <bdi>{said}</bdi>
      </a>
      {!isAddressItself(isImage ? label : drawnOf(token), target) && (
        <bdi className="text-kumo-subtle [overflow-wrap:anywhere]"> ({target.host})</bdi>
      )}
    </>
  )
}
