/** The engine's sockets and the kernel's switches that lead out of a container. */
import { couldName, normalizePath } from '../path-pattern.ts'
import { type CommandView, type GroupRules, valuesOf } from '../view.ts'

const SOCKETS = /(?:docker|containerd|crio|podman|buildkitd)\.sock/
const SWITCHES =
  /(?:^|\/)(?:release_agent|notify_on_release|core_pattern|uevent_helper|cgroup\.procs|binfmt_misc\/register)$/
const KERNEL_PATHS =
  /(?:^|[\s=:'"(,])\/(?:proc\/(?:sys(?:\/|$|rq-trigger)|[^/\s'"]{1,32}\/root(?:\/|$))|sys\/(?:kernel|fs\/cgroup)(?:\/|$))/
const PATTERNS = ['/proc/sys/**', '/proc/*/root/**', '/sys/kernel/**', '/sys/fs/cgroup/**']

/** Only globs and unknown parts need the slow comparison. */
const couldBeKernelPath = (word: string): boolean =>
  /^\/(?:[p*?[\uE000\uE001]|s[y*?[\uE000\uE001])/.test(word) &&
  /[*?[]/.test(word) &&
  PATTERNS.some((pattern) => couldName(word, pattern))

const HOST_NAMESPACES = /^--(?:pid|userns|cgroupns)=?(?:host)?$/

/** Flags that open the machine to the container. */
const OPENING =
  /^--privileged(?:=true)?$|^--cap-add=(?:ALL$|(?:CAP_)?SYS_)|^--device=\/dev\/(?:sd|nvme|vd|mem)/i

function escapes(command: CommandView): boolean {
  const { args } = command
  const values = args.map(({ value }) => value)
  if (
    values.some((value, at) => OPENING.test(value) || OPENING.test(`${values[at - 1]}=${value}`))
  ) {
    return true
  }
  const host = values.some(
    (value, at) =>
      HOST_NAMESPACES.test(value) && (value.endsWith('=host') || values[at + 1] === 'host'),
  )
  if (host) return true
  const mounts = valuesOf(command, 'v', 'volume', 'mount')
  return mounts.some((mount) => /^\/:|(?:^|,)(?:source|src)=\/(?:,|$)/.test(mount))
}

export const containerEscape: GroupRules = {
  group: 'container_escape',
  reason: 'it would reach for the container engine or switches of the kernel',
  commands: {
    docker: escapes,
    podman: escapes,
    nerdctl: escapes,
  },
  isDeniedWord: (word) =>
    SOCKETS.test(word) ||
    SWITCHES.test(word) ||
    KERNEL_PATHS.test(word) ||
    KERNEL_PATHS.test(normalizePath(word)) ||
    couldBeKernelPath(word),
}
