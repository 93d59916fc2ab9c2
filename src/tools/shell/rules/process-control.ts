/** Killing of processes that were not asked to end first, or that are found by name. */
import type { CommandView, GroupRules } from '../view.ts'

const KILL = /^-(?:9|KILL|SIGKILL|\uE000.*|\uE001.*)$/i
const KILL_NAME = /^(?:9|KILL|SIGKILL)$/i

function killsHard({ args }: CommandView): boolean {
  return args.some(({ value }, at) => {
    if (KILL.test(value)) return true
    if (/^-[sn]$|^--signal$/.test(value)) return KILL_NAME.test(args[at + 1]?.value ?? '')
    return KILL_NAME.test(/^(?:-[sn]|--signal=)(.+)$/.exec(value)?.[1] ?? '')
  })
}

export const processControl: GroupRules = {
  group: 'process_control',
  reason: 'it would kill processes outright',
  commands: {
    kill: killsHard,
    killall: true,
    killall5: true,
    pkill: true,
    xkill: true,
  },
}
