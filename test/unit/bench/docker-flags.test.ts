import { describe, expect, it } from 'vitest'
import { containerSpec } from '../../../sandbox-runner/src/launcher/container.ts'
import { dockerFlags } from '../../bench/sandbox/docker-flags.ts'

const spec = containerSpec({
  image: 'an-image',
  uids: { job: 20_000, holder: 20_001 },
  limits: { memoryMb: 512, cpus: 0.5, pids: 128 },
  seccomp: '{"defaultAction":"SCMP_ACT_ERRNO"}',
  runtime: null,
  labels: { 'edgeclaw.bench': 'sandbox' },
})
const flags = dockerFlags(spec, '/profiles/seccomp.json')

/** What `docker run` has no flag for, or sets so by itself. */
const NOT_FLAGS = ['Privileged', 'OomKillDisable', 'Binds', 'Devices', 'RestartPolicy']
const FLAGS =
  'AutoRemove Init ReadonlyRootfs CapDrop SecurityOpt NetworkMode IpcMode CgroupnsMode ' +
  'Memory MemorySwap NanoCpus PidsLimit Ulimits Tmpfs LogConfig'

describe('flags of docker run', () => {
  it('harden as a job is hardened', () => {
    const text = flags.join(' ')
    for (const part of [
      '--rm',
      '--init',
      '--read-only',
      `--user ${spec.User}`,
      '--cap-drop ALL',
      '--security-opt no-new-privileges:true',
      '--security-opt seccomp=/profiles/seccomp.json',
      '--network none',
      '--ipc none',
      '--cgroupns private',
      `--memory ${spec.HostConfig.Memory} --memory-swap ${spec.HostConfig.Memory}`,
      '--cpus 0.5',
      `--pids-limit ${spec.HostConfig.PidsLimit}`,
      '--ulimit nofile=1024:1024',
      '--log-driver none',
    ]) {
      expect(text).toContain(part)
    }
    for (const [path, how] of Object.entries(spec.HostConfig.Tmpfs)) {
      expect(flags).toContain(`${path}:${how}`)
    }
  })

  it('leave nothing of a description out that they know no reason for', () => {
    const known = [...NOT_FLAGS, ...FLAGS.split(' ')]
    expect(Object.keys(spec.HostConfig).sort()).toEqual(known.sort())
  })

  it('carry the profile as a file, never as text on a command line', () => {
    expect(flags.join(' ')).not.toContain('defaultAction')
  })
})
