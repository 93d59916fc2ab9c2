/**
 * The hardening, one flag at a time, each with how it is taken away. Only here can a sandbox be
 * weakened: the launcher has no switch for it, so these alter what it hands to the engine.
 */
import type { Engine } from '../../sandbox-runner/src/launcher/engine.ts'
import type { HostFixtures } from './host-fixtures.ts'

/** What the launcher would send, as far as flags alter it. */
export interface Target {
  readonly spec: {
    User: string
    Hostname?: string
    NetworkDisabled?: boolean
    HostConfig: {
      SecurityOpt: string[]
      Ulimits: readonly { readonly Name: string }[]
      Tmpfs: Readonly<Record<string, string>>
      [field: string]: unknown
    }
  }
  exec: { User: string }
  supervisor: string
  /** A command that root runs in the container before the job. */
  prepare: readonly string[] | null
}

interface Flag {
  /** As a reader of `container.ts` knows it. */
  readonly title: string
  readonly remove: (target: Target, host: HostFixtures) => void
}

const field =
  (name: string, value?: unknown): Flag['remove'] =>
  ({ spec }) => {
    if (value === undefined) delete spec.HostConfig[name]
    else spec.HostConfig[name] = value
  }

const security =
  (prefix: string, instead: string): Flag['remove'] =>
  ({ spec: { HostConfig } }) => {
    HostConfig.SecurityOpt = HostConfig.SecurityOpt.map((option) =>
      option.startsWith(prefix) ? instead : option,
    )
  }

const ulimit =
  (name: string): Flag['remove'] =>
  ({ spec: { HostConfig } }) => {
    HostConfig.Ulimits = HostConfig.Ulimits.filter(({ Name }) => Name !== name)
  }

/** The engine gives every tmpfs its own `noexec,nosuid,nodev`, so leaving out is not enough. */
const tmpfs =
  (option: RegExp, instead: string): Flag['remove'] =>
  ({ spec: { HostConfig } }) => {
    HostConfig.Tmpfs = Object.fromEntries(
      Object.entries(HostConfig.Tmpfs).map(([path, text]) => [
        path,
        text
          .split(',')
          .flatMap((part) => (option.test(part) ? instead || [] : part))
          .join(','),
      ]),
    )
  }

const capabilities =
  (names: string): Flag['remove'] =>
  ({ spec }) => {
    delete spec.HostConfig['CapDrop']
    spec.HostConfig['CapAdd'] = names.split(' ')
  }

/** The command's uid; the workspace follows. It then could kill PID 1's child, and with it itself. */
const runAs = (target: Target, user: string): void => {
  const uid = user.split(':')[0] ?? ''
  target.exec.User = user
  tmpfs(/^uid=/, `uid=${uid}`)(target, {} as HostFixtures)
  target.supervisor = target.supervisor.replace("kill 'KILL', -1;", '')
}

export const FLAGS = {
  User: {
    title: 'User not root',
    remove: (target) => {
      target.spec.User = '0:0'
      runAs(target, '0:0')
    },
  },
  OwnUidOfPid1: {
    title: 'User of PID 1 is another',
    remove: (target) => runAs(target, target.spec.User),
  },
  OwnUids: {
    title: 'uids of its own',
    remove: (target, { neighbourUser }) => runAs(target, neighbourUser),
  },
  CapDrop: { title: 'CapDrop ALL', remove: field('CapDrop') },
  CapAdd: {
    title: 'CapAdd nothing',
    remove: capabilities(
      'SYS_ADMIN SYS_BOOT SYS_TIME SYS_NICE SYS_RAWIO SYSLOG SYS_MODULE SYS_PACCT DAC_READ_SEARCH',
    ),
  },
  CapAddResource: { title: 'CapAdd no SYS_RESOURCE', remove: capabilities('SYS_RESOURCE') },
  Privileged: { title: 'Privileged false', remove: field('Privileged', true) },
  NoNewPrivileges: {
    title: 'no-new-privileges',
    remove: security('no-new-privileges', 'no-new-privileges:false'),
  },
  SeccompProfile: {
    title: 'seccomp profile',
    remove: security('seccomp=', 'seccomp=unconfined'),
  },
  ImageWithoutSetuid: {
    title: 'image without setuid files',
    remove: (target) => {
      target.spec.HostConfig['ReadonlyRootfs'] = false
      target.prepare = ['/usr/bin/install', '-m', '4755', '/bin/cat', '/usr/local/bin/planted']
    },
  },
  ReadonlyRootfs: { title: 'ReadonlyRootfs', remove: field('ReadonlyRootfs') },
  TmpfsNoexec: { title: 'tmpfs noexec', remove: tmpfs(/^noexec$/, 'exec') },
  TmpfsNosuid: { title: 'tmpfs nosuid', remove: tmpfs(/^nosuid$/, 'suid') },
  TmpfsNodev: { title: 'tmpfs nodev', remove: tmpfs(/^nodev$/, 'dev') },
  TmpfsSize: { title: 'tmpfs size', remove: tmpfs(/^size=/, '') },
  TmpfsInodes: { title: 'tmpfs nr_inodes', remove: tmpfs(/^nr_inodes=/, '') },
  Binds: {
    title: 'Binds none',
    remove: ({ spec }, { folder, engineData }) => {
      spec.HostConfig['Binds'] = [folder, engineData].map((path) => `${path}:${path}:ro`)
    },
  },
  Devices: {
    title: 'Devices none',
    remove: ({ spec }, { disk }) => {
      spec.HostConfig['Devices'] = ['/dev/zero', disk].map((path) => ({
        PathOnHost: path,
        PathInContainer: path === disk ? disk : '/dev/host-device',
        CgroupPermissions: 'r',
      }))
    },
  },
  DeviceCgroupRules: {
    title: 'device cgroup',
    remove: field('DeviceCgroupRules', ['b *:* r']),
  },
  NetworkMode: {
    title: 'NetworkMode none',
    remove: ({ spec }) => {
      spec.NetworkDisabled = false
      spec.HostConfig['NetworkMode'] = 'host'
    },
  },
  PidMode: {
    title: 'private PID namespace',
    remove: (target, { neighbour }) => {
      target.spec.HostConfig['PidMode'] = `container:${neighbour}`
      target.supervisor = target.supervisor.replace("kill 'KILL', -1;", '')
    },
  },
  IpcMode: { title: 'IpcMode none', remove: field('IpcMode') },
  IpcNamespace: {
    title: 'private IPC namespace',
    remove: ({ spec }, { neighbour }) => {
      spec.HostConfig['IpcMode'] = `container:${neighbour}`
    },
  },
  CgroupnsMode: { title: 'CgroupnsMode private', remove: field('CgroupnsMode', 'host') },
  Hostname: {
    title: 'Hostname fixed',
    remove: ({ spec }) => {
      delete spec.Hostname
    },
  },
  MaskedPaths: { title: 'masked paths', remove: field('MaskedPaths', []) },
  ReadonlyPaths: { title: 'read-only paths', remove: field('ReadonlyPaths', []) },
  Memory: {
    title: 'Memory',
    remove: ({ spec }) => {
      delete spec.HostConfig['Memory']
      delete spec.HostConfig['MemorySwap']
    },
  },
  MemorySwap: { title: 'MemorySwap', remove: field('MemorySwap') },
  OomKillDisable: { title: 'OomKillDisable false', remove: field('OomKillDisable', true) },
  NanoCpus: { title: 'NanoCpus', remove: field('NanoCpus') },
  PidsLimit: { title: 'PidsLimit', remove: field('PidsLimit') },
  UlimitNofile: { title: 'ulimit nofile', remove: ulimit('nofile') },
  UlimitFsize: { title: 'ulimit fsize', remove: ulimit('fsize') },
  UlimitCore: { title: 'ulimit core', remove: ulimit('core') },
  Init: { title: 'Init', remove: field('Init', false) },
  LogConfig: { title: 'LogConfig none', remove: field('LogConfig') },
  NotDumpable: {
    title: 'supervisor not dumpable',
    remove: (target) => {
      target.supervisor = target.supervisor.replace('dumpable(0) or', '1 or')
    },
  },
} as const satisfies Readonly<Record<string, Flag>>

export type FlagName = keyof typeof FLAGS

/** The engine as the launcher knows it, with some flags missing from whatever it is asked for. */
export function weakenedEngine(
  engine: Engine,
  removed: readonly FlagName[],
  host: HostFixtures,
  onRemove: (container: string) => Promise<void>,
): Engine {
  let target: Target | null = null
  return {
    ...engine,
    createContainer: async (name, spec) => {
      target = {
        spec: structuredClone(spec) as Target['spec'],
        exec: { User: '' },
        supervisor: '',
        prepare: null,
      }
      const made = target
      for (const flag of removed) FLAGS[flag].remove(made, host)
      return engine.createContainer(name, made.spec)
    },
    startContainer: async (id) => {
      await engine.startContainer(id)
      const prepare = target?.prepare ?? null
      if (prepare === null) return ''
      const exec = await engine.createExec(id, {
        User: '0:0',
        Cmd: prepare,
        AttachStdout: true,
        AttachStderr: true,
      })
      const { socket } = await engine.attachExec(exec)
      for await (const _ of socket);
      return ''
    },
    createExec: (id, spec) => {
      const asked = spec as { readonly User: string; readonly Cmd: readonly string[] }
      if (target === null) throw new Error('an exec without a container')
      const made: Target = { ...target, exec: { User: asked.User }, supervisor: asked.Cmd[2] ?? '' }
      for (const flag of removed) FLAGS[flag].remove(made, host)
      const Cmd = asked.Cmd.map((part, i) => (i === 2 ? made.supervisor : part))
      return engine.createExec(id, { ...asked, Cmd, User: made.exec.User })
    },
    removeContainer: async (id) => {
      await onRemove(id)
      await engine.removeContainer(id)
    },
  }
}
