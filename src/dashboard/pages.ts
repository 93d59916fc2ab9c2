/** Every page: its addresses, its place in the navigation, and what one must be allowed to see it. */
import type { Icon } from '@phosphor-icons/react'
import { BookOpenIcon } from '@phosphor-icons/react/BookOpen'
import { ChartBarIcon } from '@phosphor-icons/react/ChartBar'
import { ChatCircleIcon } from '@phosphor-icons/react/ChatCircle'
import { ChatsIcon } from '@phosphor-icons/react/Chats'
import { ClockIcon } from '@phosphor-icons/react/Clock'
import { DevicesIcon } from '@phosphor-icons/react/Devices'
import { FolderIcon } from '@phosphor-icons/react/Folder'
import { GaugeIcon } from '@phosphor-icons/react/Gauge'
import { GearIcon } from '@phosphor-icons/react/Gear'
import { HardDrivesIcon } from '@phosphor-icons/react/HardDrives'
import { KeyIcon } from '@phosphor-icons/react/Key'
import { LightningIcon } from '@phosphor-icons/react/Lightning'
import { ListBulletsIcon } from '@phosphor-icons/react/ListBullets'
import { PathIcon } from '@phosphor-icons/react/Path'
import { PlugsIcon } from '@phosphor-icons/react/Plugs'
import { RobotIcon } from '@phosphor-icons/react/Robot'
import { SealQuestionIcon } from '@phosphor-icons/react/SealQuestion'
import { ShieldIcon } from '@phosphor-icons/react/Shield'
import { SparkleIcon } from '@phosphor-icons/react/Sparkle'
import { UsersIcon } from '@phosphor-icons/react/Users'
import { WrenchIcon } from '@phosphor-icons/react/Wrench'
import type { ComponentType } from 'react'
import type { DashboardPath } from '../protocol/dashboard-paths.ts'
import type { OperationName } from './client/gateway.ts'

/** The gateway answers these with the page itself, and whatever hosts it elsewhere does too. */
type PagePath = '/' | `/${DashboardPath}` | `/${DashboardPath}/${string}`

export interface PageEntry {
  readonly title: string
  /** The first is where its link goes; the others are deep links into the page. */
  readonly paths: readonly [PagePath, ...PagePath[]]
  readonly icon: Icon
  /** Shown to whoever may call it; the gateway refuses the others anyway. */
  readonly needs: OperationName
  readonly load: () => Promise<{ readonly default: ComponentType }>
}

export interface PageGroup {
  readonly title: string
  readonly pages: readonly PageEntry[]
}

export const PAGE_GROUPS: readonly PageGroup[] = [
  {
    title: 'Work',
    pages: [
      {
        title: 'Overview',
        paths: ['/'],
        icon: GaugeIcon,
        needs: 'status',
        load: () => import('./pages/overview/index.tsx'),
      },
      {
        title: 'Chat',
        paths: ['/chat', '/chat/$sessionKey'],
        icon: ChatCircleIcon,
        needs: 'chat.history',
        load: () => import('./pages/chat/index.tsx'),
      },
      {
        title: 'Sessions',
        paths: ['/sessions'],
        icon: ChatsIcon,
        needs: 'sessions.list',
        load: () => import('./pages/sessions/index.tsx'),
      },
      {
        title: 'Approvals',
        paths: ['/approvals'],
        icon: SealQuestionIcon,
        needs: 'exec.approval.list',
        load: () => import('./pages/approvals/index.tsx'),
      },
      {
        title: 'Workspaces',
        paths: ['/workspaces'],
        icon: FolderIcon,
        needs: 'agents.list',
        load: () => import('./pages/workspaces/index.tsx'),
      },
      {
        title: 'Schedules',
        paths: ['/schedules', '/schedules/$job'],
        icon: ClockIcon,
        needs: 'cron.list',
        load: () => import('./pages/schedules/index.tsx'),
      },
    ],
  },
  {
    title: 'Set up',
    pages: [
      {
        title: 'Agents',
        paths: ['/agents', '/agents/$agent'],
        icon: RobotIcon,
        needs: 'agents.list',
        load: () => import('./pages/agents/index.tsx'),
      },
      {
        title: 'Providers',
        paths: ['/providers'],
        icon: SparkleIcon,
        needs: 'providers.list',
        load: () => import('./pages/providers/index.tsx'),
      },
      {
        title: 'Channels',
        paths: ['/channels', '/channels/$channel'],
        icon: PlugsIcon,
        needs: 'channels.list',
        load: () => import('./pages/channels/index.tsx'),
      },
      {
        title: 'Configuration',
        paths: ['/configuration'],
        icon: GearIcon,
        needs: 'config.schema',
        load: () => import('./pages/configuration/index.tsx'),
      },
    ],
  },
  {
    title: 'Extend',
    pages: [
      {
        title: 'MCP servers',
        paths: ['/mcp-servers', '/mcp-servers/$server'],
        icon: HardDrivesIcon,
        needs: 'mcp.servers.list',
        load: () => import('./pages/mcp-servers/index.tsx'),
      },
      {
        title: 'Skills',
        paths: ['/skills', '/skills/$skill'],
        icon: BookOpenIcon,
        needs: 'skills.list',
        load: () => import('./pages/skills/index.tsx'),
      },
      {
        title: 'Run hooks',
        paths: ['/run-hooks', '/run-hooks/$hook'],
        icon: LightningIcon,
        needs: 'hooks.list',
        load: () => import('./pages/run-hooks/index.tsx'),
      },
      {
        title: 'Custom tools',
        paths: ['/custom-tools', '/custom-tools/$tool'],
        icon: WrenchIcon,
        needs: 'tools.custom.list',
        load: () => import('./pages/custom-tools/index.tsx'),
      },
    ],
  },
  {
    title: 'Access',
    pages: [
      {
        title: 'People and tenants',
        paths: ['/people'],
        icon: UsersIcon,
        needs: 'tenants.mine',
        load: () => import('./pages/people/index.tsx'),
      },
      {
        title: 'API keys',
        paths: ['/keys'],
        icon: KeyIcon,
        needs: 'api_keys.list',
        load: () => import('./pages/keys/index.tsx'),
      },
      {
        title: 'Devices',
        paths: ['/devices'],
        icon: DevicesIcon,
        needs: 'device.pair.list',
        load: () => import('./pages/devices/index.tsx'),
      },
    ],
  },
  {
    title: 'Watch',
    pages: [
      {
        title: 'Security',
        paths: ['/security'],
        icon: ShieldIcon,
        needs: 'security.events.list',
        load: () => import('./pages/security/index.tsx'),
      },
      {
        title: 'Traces',
        paths: ['/traces', '/traces/$traceId'],
        icon: PathIcon,
        needs: 'traces.list',
        load: () => import('./pages/traces/index.tsx'),
      },
      {
        title: 'Usage',
        paths: ['/usage'],
        icon: ChartBarIcon,
        needs: 'usage.summary',
        load: () => import('./pages/usage/index.tsx'),
      },
      {
        title: 'Logs',
        paths: ['/logs'],
        icon: ListBulletsIcon,
        needs: 'logs.tail',
        load: () => import('./pages/logs/index.tsx'),
      },
    ],
  },
]

export const PAGES: readonly PageEntry[] = PAGE_GROUPS.flatMap(({ pages }) => pages)
