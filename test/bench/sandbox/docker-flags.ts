/** A job's container as flags of `docker run`: made from the same description, so that none is forgotten. */
import type { containerSpec } from '../../../sandbox-runner/src/launcher/container.ts'

type Spec = ReturnType<typeof containerSpec>

/** Ends right before the image; runs `true` instead of the sleep that keeps a sandbox alive. */
export function dockerFlags(spec: Spec, seccompFile: string): readonly string[] {
  const { HostConfig: host } = spec
  const pairs: readonly (readonly [string, string])[] = [
    ['--user', spec.User],
    ['--workdir', spec.WorkingDir],
    ['--hostname', spec.Hostname],
    ...spec.Env.map((pair) => ['--env', pair] as const),
    ...Object.entries(spec.Labels).map(([name, value]) => ['--label', `${name}=${value}`] as const),
    ...host.CapDrop.map((name) => ['--cap-drop', name] as const),
    ...host.SecurityOpt.map(
      (option) =>
        [
          '--security-opt',
          option.startsWith('seccomp=') ? `seccomp=${seccompFile}` : option,
        ] as const,
    ),
    ['--network', host.NetworkMode],
    ['--ipc', host.IpcMode],
    ['--cgroupns', host.CgroupnsMode],
    ['--memory', String(host.Memory)],
    ['--memory-swap', String(host.MemorySwap)],
    ['--cpus', String(host.NanoCpus / 1e9)],
    ['--pids-limit', String(host.PidsLimit)],
    ...host.Ulimits.map(({ Name, Soft, Hard }) => ['--ulimit', `${Name}=${Soft}:${Hard}`] as const),
    ...Object.entries(host.Tmpfs).map(([path, how]) => ['--tmpfs', `${path}:${how}`] as const),
    ['--log-driver', host.LogConfig.Type],
    ['--entrypoint', '/bin/true'],
  ]
  const switches = [
    ...(host.AutoRemove ? ['--rm'] : []),
    ...(host.Init ? ['--init'] : []),
    ...(host.ReadonlyRootfs ? ['--read-only'] : []),
  ]
  return [...switches, ...pairs.flat()]
}
