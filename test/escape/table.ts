/** The findings as text for a terminal: what was tried, what stopped it, how that is known. */
import { paletteFor } from '../../src/cli/terminal.ts'
import { FLAGS, type FlagName } from './flags.ts'
import { type Finding, faultsOf, isAbsent } from './measure.ts'

const { bold, dim, green, red, yellow } = paletteFor(process.stdout)

const NAME_WIDTH = 52
const REASON_WIDTH = 22

const cut = (text: string, width: number): string =>
  text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`

const titles = (flags: readonly FlagName[]): string =>
  flags.map((flag) => FLAGS[flag].title).join(' · ')

export function headline(info: Readonly<Record<string, unknown>>): string {
  const text = (name: string): string => String(info[name] ?? 'unknown')
  return `${bold('Ways out of the sandbox')}, each tried as a job tries it
${dim(
  `engine ${text('ServerVersion')} · ${text('DefaultRuntime')} · cgroup v${text('CgroupVersion')} · Linux ${text('KernelVersion')} · ${text('Architecture')}`,
)}

${dim('  ✓ stopped inside, and succeeds once every flag named is off; each of them alone stops it')}
${dim('  ○ stopped inside; what stops it cannot be told apart on this machine, for the reason given')}
`
}

function row(finding: Finding): string {
  const { probe, inside } = finding
  const faults = faultsOf(finding)
  const mark = faults.length > 0 ? red('✗') : isAbsent(finding) ? yellow('○') : green('✓')
  const reason = inside.outcome === 'stopped' ? inside.reason : inside.outcome
  const lines = [
    `  ${mark} ${cut(probe.name, NAME_WIDTH)} ${dim(cut(reason, REASON_WIDTH))} ${titles(probe.flags)}`,
    ...faults.map((fault) => `      ${red(fault)}`),
    ...(isAbsent(finding) ? [dim(`      with the flags off: ${finding.without?.reason}`)] : []),
  ]
  return `${lines.join('\n')}\n`
}

export const familyTable = (name: string, findings: readonly Finding[]): string =>
  `\n${bold(name)}\n${findings.map(row).join('')}`

/** By flag: how many attempts it stops by itself, and how many together with others. */
export function flagTable(findings: readonly Finding[]): string {
  const lines = (Object.keys(FLAGS) as FlagName[]).flatMap((flag) => {
    const held = findings.filter(({ probe }) => probe.flags.includes(flag))
    if (held.length === 0) return []
    const shown = held.filter((finding) => !isAbsent(finding) && faultsOf(finding).length === 0)
    const only = shown.filter(({ probe }) => probe.flags.length === 1).length
    const isHidden = held.some(isAbsent)
    const mark = shown.length > 0 ? green('✓') : isHidden ? yellow('○') : red('✗')
    const rest = shown.length - only
    const parts = [
      only > 0 ? `${only} with it off` : '',
      rest > 0 ? `${rest} with it off where it stood alone` : '',
      held.length > shown.length ? `${held.length - shown.length} cannot be shown here` : '',
    ]
    return `  ${mark} ${cut(FLAGS[flag].title, 30)} ${dim(parts.filter((part) => part !== '').join(', '))}\n`
  })
  return `\n${bold('Taken away, one flag at a time')}: attempts that then succeed\n${lines.join('')}`
}

export function summary(findings: readonly Finding[]): string {
  const count = (test: (finding: Finding) => boolean) => findings.filter(test).length
  const escaped = count(({ inside }) => inside.outcome === 'escaped')
  const faulty = count((finding) => faultsOf(finding).length > 0)
  const runs = findings.reduce(
    (sum, { without, alone }) => sum + (without === null ? 0 : 1) + alone.length,
    0,
  )
  const parts = [
    `${findings.length} attempts`,
    escaped === 0 ? green('none succeeds') : red(`${escaped} succeed`),
    `${runs} more with flags off`,
    `${count(isAbsent)} cannot be shown here`,
    ...(faulty > 0 ? [red(`${faulty} with faults`)] : []),
  ]
  return `\n${parts.join(' · ')}\n`
}
