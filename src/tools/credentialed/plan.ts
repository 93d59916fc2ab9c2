/**
 * Decides what a command is to the registry: none of its business, a plain call of a registered
 * binary, or an attempt to reach one some other way, which is refused with or without a grant. Pure,
 * so that a dry run, the gate and the start of the exec come to the same.
 */
import { err, ok, type Result } from '../../domain/result.ts'
import { commandsBehindWrappers, type WrappedCommand } from '../shell/behind-wrappers.ts'
import type { SimpleCommand } from '../shell/command.ts'
import { baseOf } from '../shell/path-pattern.ts'
import { parsePlainCall } from '../shell/plain-call.ts'
import { matchesArguments } from './argument-pattern.ts'
import type { Hardening } from './hardening/profile.ts'
import { hardeningOf } from './hardening/profiles.ts'
import type { CallableBinary, CredentialedPolicy } from './policy.ts'
import type { CredentialedDenial, CredentialedRefusal } from './refusal.ts'

export interface CredentialedPlan {
  readonly binary: CallableBinary
  /** Begins with the registered path, whatever the command called it. */
  readonly argv: readonly string[]
  readonly hardening: Hardening
}

/** Null: an ordinary command, which runs without any credential. */
export type Planned = Result<CredentialedPlan | null, CredentialedRefusal>

/** The process' own entries, by which it could be told to copy its environment into a file. */
const OWN_PROCESS =
  /(?:^|[^\w.-])(?:(?:proc|dev[./]*\/(?:fd|stdin|stdout|stderr))(?:\/|$)|fd\/[./]*\.\.)/
const PERCENT_ENCODED = /%([0-9a-f]{2})/gi

/** `dev/fd` is a link into `proc`, so that `fd/..` leads there too; a URL may be encoded. */
const namesOwnProcess = (arg: string): boolean =>
  OWN_PROCESS.test(arg) ||
  mayFindOwnProcess(arg) ||
  OWN_PROCESS.test(
    arg.replaceAll(PERCENT_ENCODED, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  )

const LEAVES_FOLDER = /(?:^|[^\w./*?\]}-]|^-\w)\/|\.\./
const isWildcard = (text: string): boolean => /[*?[{]/.test(text)

/** Some programs look for files by pattern themselves: `/pr?c/self/environ`. */
function mayFindOwnProcess(arg: string): boolean {
  if (!LEAVES_FOLDER.test(arg)) return false
  const names = arg.split('/')
  const first = names.findIndex(isWildcard)
  return first >= 0 && names.slice(first + 1).some((name) => name === 'environ' || isWildcard(name))
}

/** `commands` are those of the judgement that allowed the text. */
export function planCommand(
  text: string,
  commands: readonly SimpleCommand[],
  policy: CredentialedPolicy,
): Planned {
  if (policy.binaries.length === 0) return ok(null)
  const planned = planPlainCall(text, policy)
  if (!planned.ok || planned.value !== null) return planned
  const reached = commandsBehindWrappers(commands).flatMap((wrapped) => {
    const binary = findReached(wrapped.command.name, policy.binaries)
    return binary === null ? [] : [{ binary, wrapped }]
  })
  const refused = (why: CredentialedDenial, { binary, wrapped }: Reached): Planned =>
    err(refusalOf(text, policy, { binary, why, wrapper: wrapped.chain.slice(0, -1).join(' ') }))
  const deep = reached.find(({ wrapped }) => wrapped.isTooDeep)
  if (deep !== undefined) return refused('wrapper_too_deep', deep)
  const [first] = reached
  if (first === undefined) return ok(null)
  if (!isCallable(first.binary)) return refused('no_grant', first)
  return refused(first.wrapped.depth > 0 ? 'wrapped' : 'not_plain', first)
}

/** Of the plain form alone: what the start of an exec asks again, under the policy of that moment. */
export function planPlainCall(text: string, policy: CredentialedPolicy): Planned {
  const argv = policy.binaries.length === 0 ? null : parsePlainCall(text)
  const binary = argv === null ? null : findCalled(argv[0] ?? '', policy.binaries)
  if (argv === null || binary === null) return ok(null)
  const args = argv.slice(1)
  const refused = (why: CredentialedDenial, detail?: string): Planned =>
    err(refusalOf(text, policy, { binary, why, wrapper: '', detail }))
  const denial = denialOf(binary, args)
  if (denial !== null) return refused(denial)
  if (args.some(namesOwnProcess)) {
    return refused('hardening', 'the files of its own process are out of bounds')
  }
  const hardening = hardeningOf(binary.absolutePath)
  const fault = hardening.checkArgs(args)
  if (fault !== null) return refused('hardening', fault)
  return ok({ binary, argv: [binary.absolutePath, ...args], hardening })
}

interface Reached {
  readonly binary: CallableBinary
  readonly wrapped: WrappedCommand
}

function refusalOf(
  command: string,
  { tenantId, agentId }: CredentialedPolicy,
  what: {
    readonly binary: CallableBinary
    readonly why: CredentialedDenial
    readonly wrapper: string
    readonly detail?: string | undefined
  },
): CredentialedRefusal {
  const { binary, why, wrapper, detail } = what
  return {
    kind: 'credentialed_denied',
    why,
    binary: binary.name,
    wrapper,
    ...(detail === undefined ? {} : { detail }),
    tenantId,
    agentId,
    command,
  }
}

const isCallable = ({ isGranted, enabled }: CallableBinary): boolean => isGranted && enabled

function denialOf(binary: CallableBinary, args: readonly string[]): CredentialedDenial | null {
  if (!isCallable(binary)) return 'no_grant'
  if (!binary.hasCredential) return 'no_credential'
  const denied = [...binary.denyArgs, ...binary.denyVerbose]
  return denied.some((pattern) => matchesArguments(args, pattern)) ? 'arguments' : null
}

/** By its name, or by its whole path where that means one binary only. */
function findCalled(word: string, binaries: readonly CallableBinary[]): CallableBinary | null {
  const named = binaries.find(({ name }) => name === word)
  if (named !== undefined) return named
  const [only, another] = binaries.filter(({ absolutePath }) => absolutePath === word)
  return only !== undefined && another === undefined ? only : null
}

/** Any spelling counts: `./gh` is no honest name for another program. */
function findReached(word: string, binaries: readonly CallableBinary[]): CallableBinary | null {
  const base = baseOf(word)
  return (
    binaries.find(({ name, absolutePath }) => name === base || baseOf(absolutePath) === base) ??
    null
  )
}
