/** What the version says: its SKILL.md, and its files one at a time. */
import { useOperation } from '../../client/use-operation.ts'
import { formatBytes } from '../../ui/numbers.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import type { Skill } from './skill.ts'

const MAIN = 'SKILL.md'

export function SkillText({ skill }: { readonly skill: Skill }) {
  const [search, change] = useAddress()
  const file = skill.files.find(({ path }) => path === search['file'])
  const selected = file?.path ?? MAIN
  const names = [{ path: MAIN, size: null }, ...skill.files]
  return (
    <Section title="What it says">
      <div
        className={`grid items-start gap-4 ${skill.files.length > 0 ? 'md:grid-cols-[15rem_minmax(0,1fr)]' : ''}`}
      >
        {skill.files.length > 0 && (
          <ul aria-label="Files" className="flex flex-col">
            {names.map(({ path, size }) => (
              <li key={path}>
                <button
                  type="button"
                  aria-current={path === selected}
                  onClick={() => change({ file: path === MAIN ? null : path }, { isStep: true })}
                  className="flex w-full items-baseline justify-between gap-2 rounded-md px-2 py-1.5 text-left hover:bg-kumo-tint aria-[current=true]:bg-kumo-tint aria-[current=true]:font-medium"
                >
                  <span className="as-written min-w-0 font-mono text-sm">{path}</span>
                  {size !== null && (
                    <span className="text-xs whitespace-nowrap text-kumo-strong">
                      {formatBytes(size)}
                    </span>
                  )}
                </button>
              </li>
            ))}
          </ul>
        )}
        {file === undefined ? (
          <Text text={skill.skill_md} />
        ) : (
          <FileText skill={skill} path={file.path} />
        )}
      </div>
    </Section>
  )
}

function FileText({ skill, path }: { readonly skill: Skill; readonly path: string }) {
  const { name, shown } = skill
  const version = shown.in_force ? null : shown.version
  const answer = useOperation('skills.get', { name, version, file: path })
  return (
    <Answer query={answer} what={`Loading ${path}`}>
      {({ file }) => <Text text={file?.content ?? ''} />}
    </Answer>
  )
}

function Text({ text }: { readonly text: string }) {
  return (
    <Card className="min-w-0">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls (WCAG 2.1.1)
        tabIndex={0}
        className="as-written m-0 max-h-[60vh] overflow-auto font-mono text-sm"
      >
        {text}
      </pre>
    </Card>
  )
}
