/** The operator's list of runners: `EDGECLAW_RUNNERS`. No tenant ever names one. */
import { z } from 'zod'
import type { RunnerState } from './runner-states.ts'

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/

function checkRunnerUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'has a url that is none'
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    return 'must use https, except on loopback'
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    return 'must give each url as an origin: scheme, host and port'
  }
  return null
}

const NO_LIST = 'must be a JSON list: [{"url":"https://…","keyId":"…"}]'
const NO_URL = 'must give each entry a url'
const NO_KEY_ID = 'must give each entry a keyId: the EDGECLAW_RUNNER_AUDIENCE of that runner'

/** Every message goes on from the setting's name, and holds nothing of what stands there. */
export const runnerSchema = z.strictObject(
  {
    url: z
      .string(NO_URL)
      .superRefine((text, context) => {
        const reason = checkRunnerUrl(text)
        if (reason !== null) context.addIssue(reason)
      })
      .transform((text) => new URL(text).origin),
    /** The runner's own id (`EDGECLAW_RUNNER_AUDIENCE`): a job token is valid at this runner only. */
    keyId: z
      .string(NO_KEY_ID)
      .min(1, NO_KEY_ID)
      .max(200, 'has a keyId of more than 200 characters'),
  },
  { error: ({ code }) => (code === 'unrecognized_keys' ? 'holds an unknown key' : NO_LIST) },
)
export type RunnerEndpoint = z.infer<typeof runnerSchema>

/** From the setting's text; an empty list means that there is no sandbox. */
export const runnersSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return text.trim() === '' ? [] : JSON.parse(text)
    } catch {
      context.addIssue(NO_LIST)
      return z.NEVER
    }
  })
  .pipe(
    z
      .array(runnerSchema, NO_LIST)
      .max(100, 'lists more than 100 runners')
      // A token is good at the one runner of its keyId: with two of that name it could be used twice.
      .refine(
        (runners) => new Set(runners.map(({ keyId }) => keyId)).size === runners.length,
        'gives two entries one keyId: each runner needs an EDGECLAW_RUNNER_AUDIENCE of its own',
      ),
  )

/** FNV-1a; only spreads workspaces over runners. */
function score(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * Rendezvous order: the same workspace prefers the same runner, where its files are cached, and
 * only a lost runner's workspaces move.
 */
export const runnerOrder = (
  runners: readonly RunnerEndpoint[],
  workspaceId: string,
): readonly RunnerEndpoint[] =>
  runners.length < 2
    ? runners
    : [...runners].sort(
        (a, b) => score(`${b.keyId} ${workspaceId}`) - score(`${a.keyId} ${workspaceId}`),
      )

type StateOf = (runner: RunnerEndpoint) => RunnerState

const STATE_RANK: Readonly<Record<RunnerState, number>> = { well: 0, degraded: 1, silent: 2 }

/** The same order, but who is not well comes last. Nobody is left out: the last may be the only one. */
export const wellFirst = (
  runners: readonly RunnerEndpoint[],
  stateOf: StateOf,
): readonly RunnerEndpoint[] =>
  runners
    .map((runner) => ({ runner, rank: STATE_RANK[stateOf(runner)] }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ runner }) => runner)

/**
 * Whom to ask about a workspace, one after the other: who is well before who is not, among equals
 * the one that was last told of it (`warmAt`, a key id: after a fail-over not the first), then
 * rendezvous order.
 */
export const preferenceOrder = (
  runners: readonly RunnerEndpoint[],
  workspaceId: string,
  { stateOf, warmAt }: { readonly stateOf: StateOf; readonly warmAt: string | undefined },
): readonly RunnerEndpoint[] => {
  const order = runnerOrder(runners, workspaceId)
  const isWarm = ({ keyId }: RunnerEndpoint): boolean => keyId === warmAt
  return wellFirst([...order.filter(isWarm), ...order.filter((one) => !isWarm(one))], stateOf)
}
