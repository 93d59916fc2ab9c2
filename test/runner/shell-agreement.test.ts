/**
 * The judge reads commands as the bash that runs them does. Generated commands run in the real bash
 * with nobody in the way, around a canary; wherever the canary dies, the judge must have denied.
 */
import { describe, expect, it } from 'vitest'
import { effectiveDenyGroups } from '../../src/tools/shell/deny-groups.ts'
import { judgeCommand } from '../../src/tools/shell/judge.ts'
import { missingDocker } from '../support/docker.ts'
import { fatesOf } from '../support/shell-canary.ts'
import { canaryCommands } from '../support/shell-commands.ts'

const COMMANDS = 5_100
const SEED = Number(process.env['EDGECLAW_TEST_SEED'] ?? 20_260)
const CONTAINER_TIMEOUT_MS = 100_000

const missing = await missingDocker('judge and bash read commands alike')

describe.skipIf(missing !== null)('judge and bash', () => {
  it('agree: what kills a canary was denied, and not because everything is', async () => {
    const commands = canaryCommands(COMMANDS, SEED)
    const fates = await fatesOf(commands, CONTAINER_TIMEOUT_MS)
    const denyGroups = effectiveDenyGroups([])
    const isAllowed = commands.map(
      (command) => judgeCommand(command, { denyGroups }).decision === 'allow',
    )
    const killed = fates.filter((fate) => fate === 'killed').length
    const late = fates.filter((fate) => fate === 'late').length
    const spared = fates.filter((fate) => fate === 'spared').length
    const allowed = fates.filter((fate, at) => fate === 'spared' && isAllowed[at]).length
    console.info(
      `${commands.length} commands: ${killed} killed the canary, ${spared} spared it (${allowed} of them allowed), ${late} took too long`,
    )
    // Bash ran, and the generator is worth its name: else this would prove nothing.
    expect(commands.length).toBeGreaterThan(5_000)
    expect(killed / commands.length).toBeGreaterThan(0.4)
    expect(late / commands.length).toBeLessThan(0.05)
    expect(allowed / spared).toBeGreaterThan(0.15)
    expect(commands.filter((_, at) => fates[at] === 'killed' && isAllowed[at])).toEqual([])
  })
})
