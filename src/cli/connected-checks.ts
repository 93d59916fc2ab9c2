/** What the doctor makes of channels, MCP servers, hooks and schedules: none of them is no illness. */
import { type Check, check } from './check.ts'
import type { ConnectedFacts, ScheduleFacts } from './connected-facts.ts'

/** A gateway under load is late; one whose clock for schedules stands still is later. */
const OVERDUE_MS = 10 * 60_000

const untold = (id: string, what: string): Check =>
  check(id, 'skip', `${what} are not told to this credential`)

export const ofConnected = (facts: ConnectedFacts, now: number): readonly Check[] => [
  ofChannels(facts),
  ofServers(facts),
  ofHooks(facts),
  ofSchedules(facts.schedules, now),
]

function ofChannels({ channels }: ConnectedFacts): Check {
  if (channels === null) return untold('channels', 'channels')
  const enabled = channels.filter(({ isEnabled }) => isEnabled)
  if (enabled.length === 0) return check('channels', 'ok', 'no channel is switched on')
  const dead = enabled.reduce((sum, channel) => sum + channel.dead, 0)
  if (dead > 0)
    return check(
      'channels',
      'warn',
      `${dead} deliveries of channels were given up`,
      'edgeclaw channels deliveries ID shows them; replay or discard them',
    )
  const failed = enabled.filter(({ hasFailed }) => hasFailed).length
  return failed > 0
    ? check('channels', 'warn', `${failed} channels tell of an error`, 'edgeclaw channels status')
    : check('channels', 'ok', `${enabled.length} channels are on, and none complains`)
}

function ofServers({ servers }: ConnectedFacts): Check {
  if (servers === null) return untold('mcp', 'MCP servers')
  const enabled = servers.filter(({ isEnabled }) => isEnabled)
  if (enabled.length === 0) return check('mcp', 'ok', 'no MCP server is switched on')
  const bare = enabled.filter(({ tools }) => tools === 0).length
  if (bare > 0)
    return check(
      'mcp',
      'warn',
      `${bare} MCP servers offer no tools`,
      'look at them: edgeclaw mcp reconnect NAME',
    )
  const waiting = enabled.reduce((sum, server) => sum + server.waiting, 0)
  return waiting > 0
    ? check(
        'mcp',
        'warn',
        `${waiting} tools of MCP servers wait for an admin to agree`,
        'edgeclaw mcp tools NAME, then edgeclaw mcp agree NAME',
      )
    : check('mcp', 'ok', `${enabled.length} MCP servers are on, and their tools agreed to`)
}

function ofHooks({ hooks }: ConnectedFacts): Check {
  if (hooks === null) return untold('hooks', 'run hooks')
  return check(
    'hooks',
    'ok',
    hooks === 0 ? 'no run hook is switched on' : `${hooks} run hooks are on`,
  )
}

function ofSchedules(schedules: ScheduleFacts | null, now: number): Check {
  if (schedules === null) return untold('schedules', 'schedules')
  const { jobs, enabled, nextRunAt, failed } = schedules
  if (nextRunAt !== null && nextRunAt < now - OVERDUE_MS) {
    const minutes = Math.round((now - nextRunAt) / 60_000)
    return check(
      'schedules',
      'warn',
      `a schedule is due since ${minutes} minutes`,
      'edgeclaw cron list; an emergency stop may hold it: edgeclaw estop list',
    )
  }
  if (failed !== null && failed > 0)
    return check('schedules', 'warn', `${failed} schedules failed last`, 'edgeclaw cron runs ID')
  return check(
    'schedules',
    'ok',
    jobs === 0 ? 'nothing is scheduled' : `${enabled} of ${jobs} schedules are on`,
  )
}
