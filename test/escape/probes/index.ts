/** All probes, one family a file. */
import type { Probe } from '../probe.ts'
import { CAPABILITIES } from './capabilities.ts'
import { FILES } from './files.ts'
import { KERNEL_FILES } from './kernel-files.ts'
import { LIMITS } from './limits.ts'
import { MOUNTS } from './mounts.ts'
import { NAMESPACES } from './namespaces.ts'
import { NETWORK } from './network.ts'
import { PROCESSES } from './processes.ts'
import { SYSTEM_CALLS } from './system-calls.ts'

export interface Family {
  readonly name: string
  readonly probes: readonly Probe[]
}

export const FAMILIES: readonly Family[] = [
  { name: 'Capabilities and setuid', probes: CAPABILITIES },
  { name: 'Mounts, cgroups and devices', probes: MOUNTS },
  { name: 'Files', probes: FILES },
  { name: 'Processes', probes: PROCESSES },
  { name: 'Namespaces', probes: NAMESPACES },
  { name: 'System calls', probes: SYSTEM_CALLS },
  { name: 'The kernel’s files', probes: KERNEL_FILES },
  { name: 'Network', probes: NETWORK },
  { name: 'Limits', probes: LIMITS },
]
