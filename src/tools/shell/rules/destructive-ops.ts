/** Deletion beyond single files, overwriting of devices, halting of the machine. */
import { names } from '../names.ts'
import {
  type CommandView,
  type GroupRules,
  hasOption,
  hasSubcommand,
  operandsOf,
  unlessQuestion,
} from '../view.ts'

const HALTING = new Set(names('halt poweroff reboot kexec soft-reboot'))
const DEVICE =
  /^\/dev\/(?:sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|md\d|dm-\d|loop\d|disk\/|mapper\/|k?mem$|port$|nbd\d|sr\d|fb\d)/

/** `init 3` changes a run level; 0 and 6 end the machine. */
const endsMachine = (command: CommandView): boolean =>
  operandsOf(command).some((word) => word === '0' || word === '6')

export const destructiveOps: GroupRules = {
  group: 'destructive_ops',
  reason: 'it would delete or overwrite more than can be undone, or stop the machine',
  commands: {
    rm: (command) => hasOption(command, 'rRf', 'recursive', 'force', 'no-preserve-root'),
    rmdir: ({ args }) => args.some(({ value }) => /^\/[sS]$/.test(value)),
    srm: true,
    shred: unlessQuestion,
    wipefs: unlessQuestion,
    mke2fs: unlessQuestion,
    mkdosfs: unlessQuestion,
    mkfs: unlessQuestion,
    dd: ({ args }) => args.some(({ value }) => /^(?:if|of)=|\uE000|^\uE001/.test(value)),
    shutdown: true,
    reboot: true,
    poweroff: true,
    halt: true,
    init: endsMachine,
    telinit: endsMachine,
    systemctl: (command) =>
      hasSubcommand(command, HALTING) ||
      operandsOf(command).some((word) => /^(?:halt|poweroff|reboot|kexec)\.target$/.test(word)),
    loginctl: (command) => hasSubcommand(command, HALTING),
    find: ({ args }) => args.some(({ value }) => value === '-delete' || value.startsWith('\uE000')),
  },
  isDeniedName: (name) => name.startsWith('mkfs.'),
  isDeniedTarget: (path) => DEVICE.test(path) || path === '/proc/sysrq-trigger',
}
