/** Subcommands of git that run what they are given: it is judged like any other command. */
import { type Arg, literalArg, UNKNOWN_ARG } from './arg.ts'
import { argvOf, type Inner, NOTHING } from './inner.ts'
import { subcommandAt } from './rules/git.ts'

export function unwrapGit(args: readonly Arg[]): readonly Inner[] {
  const at = subcommandAt(args.map(({ value }) => value))
  const rest = args.slice(at + 1)
  switch (args[at]?.value) {
    case 'bisect':
      return rest[0]?.value === 'run' ? argvOf(rest.slice(1)) : NOTHING
    case 'submodule': {
      const each = rest.findIndex(({ value }) => value === 'foreach')
      const words = rest
        .slice(each + 1)
        .filter(({ value }) => !/^--(?:quiet|recursive)$/.test(value))
      return each < 0 || words.length === 0 ? NOTHING : [shell(joined(words))]
    }
    case 'rebase':
      return codeOf(rest, /^(?:-x|--ex[a-z]*=?)/)
    case 'difftool':
      return codeOf(rest, /^(?:-x|--ext[a-z]*=?)/)
    case 'filter-branch':
      return codeOf(rest, /^--[a-z-]+-filter=?/)
    default:
      return NOTHING
  }
}

const shell = (code: Arg): Inner => ({ kind: 'shell', code, positional: [] })

const joined = (words: readonly Arg[]): Arg => literalArg(words.map(({ value }) => value).join(' '))

export function codeOf(args: readonly Arg[], option: RegExp): readonly Inner[] {
  const inner: Inner[] = []
  args.forEach((arg, index) => {
    const match = option.exec(arg.value)
    if (match === null) return
    const rest = arg.value.slice(match[0].length)
    inner.push(shell(rest === '' ? (args[index + 1] ?? UNKNOWN_ARG) : { ...arg, value: rest }))
  })
  return inner
}
