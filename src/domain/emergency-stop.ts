/**
 * Emergency stops: what stands still until somebody releases it. Part of the tenant's snapshot, so that
 * one acts in every isolate and every running run from the moment it is set. Only judgement is here;
 * a list that is not known is no list that is empty.
 */
import { z } from 'zod'
import { userIdSchema } from './ids.ts'

export const STOP_KINDS = ['kill-all', 'network', 'tools'] as const

export const MAX_STOPPED_TOOLS = 100

export const emergencyStopSchema = z.object({
  id: z.string(),
  /** `kill-all`: every run. `network`: what tools send out. `tools`: those named. */
  kind: z.enum(STOP_KINDS),
  /** Names of tools, a name's beginning with `*`, or `group:…`; for `tools` only. */
  tools: z.array(z.string()).readonly(),
  reason: z.string(),
  /** Set by the platform's operator, who alone releases it. */
  isPlatform: z.boolean(),
  createdBy: userIdSchema,
  createdAt: z.number(),
})
export type EmergencyStop = Readonly<z.infer<typeof emergencyStopSchema>>
export type EmergencyStops = readonly EmergencyStop[]

/** What a stop looks at. */
export interface StoppableTool {
  readonly name: string
  readonly group: string
  /** Its arguments leave the gateway. */
  readonly sendsOut: boolean
}

const GROUP_PREFIX = 'group:'

export function stopCovers(
  entry: string,
  { name, group }: Omit<StoppableTool, 'sendsOut'>,
): boolean {
  if (entry.startsWith(GROUP_PREFIX)) return entry.slice(GROUP_PREFIX.length) === group
  return entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry
}

/** Ends every run, and lets none begin. */
export const stopOfRuns = (stops: EmergencyStops): EmergencyStop | null =>
  stops.find(({ kind }) => kind === 'kill-all') ?? null

/** Nothing that a tool asks for leaves; the model's own call does, else it were `kill-all`. */
export const stopOfNetwork = (stops: EmergencyStops): EmergencyStop | null =>
  stopOfRuns(stops) ?? stops.find(({ kind }) => kind === 'network') ?? null

export function stopOfTool(stops: EmergencyStops, tool: StoppableTool): EmergencyStop | null {
  const reachesOut = tool.sendsOut || tool.group === 'web' || tool.group === 'mcp'
  return (
    (reachesOut ? stopOfNetwork(stops) : stopOfRuns(stops)) ??
    stops.find(
      ({ kind, tools }) => kind === 'tools' && tools.some((entry) => stopCovers(entry, tool)),
    ) ??
    null
  )
}

const WORDS: Readonly<Record<EmergencyStop['kind'], string>> = {
  'kill-all': 'An emergency stop is in force: nothing runs until it is released',
  network: 'An emergency stop is in force: tools reach nothing outside until it is released',
  tools: 'An emergency stop is in force for this tool until it is released',
}

/** For whoever is refused, with the reason that was given. */
export const describeStop = ({ kind, reason }: EmergencyStop): string =>
  `${WORDS[kind]}. Reason: ${reason}`
