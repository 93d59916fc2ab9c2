/** Modes and owners of files outside the workspace; `+x` in world-writable folders is among them. */
import { normalizePath } from '../path-pattern.ts'
import { type CommandView, type GroupRules, operandsOf } from '../view.ts'

/** Where the workspace is mounted: its files are the user's own. */
const WORKSPACE = /^\/workspace\/./

/** A relative path counts where it climbs to a folder of the system. */
const SYSTEM_BELOW = /^(?:~\/)?(?:\.\.\/)+(?:etc|usr|sbin|boot|root|var|proc|sys|dev)(?:\/|$)/

const isOutside = (path: string): boolean =>
  (path.startsWith('/') && !WORKSPACE.test(path)) || SYSTEM_BELOW.test(path)

/** The first operand is the mode or owner, unless a reference file stands for it. */
function changesAbsolute(command: CommandView): boolean {
  const operands = operandsOf(command)
  const hasReference = command.args.some(({ value }) => value.startsWith('--ref'))
  return operands.some((path, at) => (at > 0 || hasReference) && isOutside(normalizePath(path)))
}

export const dangerousPaths: GroupRules = {
  group: 'dangerous_paths',
  reason: 'it would change modes or owners outside the workspace',
  commands: {
    chmod: changesAbsolute,
    chown: changesAbsolute,
    chgrp: changesAbsolute,
    setfacl: changesAbsolute,
    chattr: changesAbsolute,
  },
}
