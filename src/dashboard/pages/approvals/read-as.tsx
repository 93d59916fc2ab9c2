/** The command as the gateway read it: one simple command a line, with what its lists make of each. */
import { Badge } from '@cloudflare/kumo/components/badge'
import type { Command, CommandLine } from './approval.ts'

export function ReadAs({ line }: { readonly line: CommandLine }) {
  return (
    <div className="flex flex-col gap-1.5">
      <ol aria-label="Read as" className="flex flex-col gap-1.5">
        {line.commands.map((command, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: commands of one line have no other name
          <li key={index} className="flex flex-wrap items-center gap-1">
            <Words command={command} />
            <Marks command={command} />
          </li>
        ))}
      </ol>
      {line.isCut && <p className="text-sm font-medium">There is more than is shown here.</p>}
      {line.writesFile && <p className="text-sm font-medium">Its output goes into a file.</p>}
    </div>
  )
}

const WORD = 'as-written rounded bg-kumo-tint px-1.5 py-0.5 font-mono text-xs text-kumo-default'

function Words({ command }: { readonly command: Command }) {
  return (
    <>
      <code className={`${WORD} font-semibold`}>{command.name}</code>
      {command.args.map((word, index) => (
        <code
          // biome-ignore lint/suspicious/noArrayIndexKey: words of one command have no other name
          key={index}
          className={word === null ? `${WORD} italic` : WORD}
        >
          {word ?? 'known when it runs'}
        </code>
      ))}
    </>
  )
}

function Marks({ command }: { readonly command: Command }) {
  const { runBy, isReadOnly, isAllowlisted } = command
  return (
    <span className="ml-1 flex flex-wrap gap-1">
      {runBy !== null && <Badge variant="outline">run by {runBy}</Badge>}
      {isAllowlisted && <Badge variant="success">on the allowlist</Badge>}
      {isReadOnly ? (
        <Badge variant="neutral">only reads</Badge>
      ) : (
        !isAllowlisted && <Badge variant="outline">may change things</Badge>
      )}
    </span>
  )
}
