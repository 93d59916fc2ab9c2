/** Groups of shell commands that are denied unless somebody says otherwise: on means denied. */
import { Button } from '@cloudflare/kumo/components/button'
import { Switch } from '@cloudflare/kumo/components/switch'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Card, Section } from '../../ui/page.tsx'
import type { TabProps } from './draft.ts'

const ABOUT: Readonly<Record<string, readonly [title: string, examples: string]>> = {
  destructive_ops: ['Destroying', 'rm -rf, mkfs, dd'],
  data_exfiltration: ['Sending data out', 'uploads by curl, nc, scp'],
  reverse_shell: ['Reverse shells', 'a shell for somebody outside'],
  code_injection: ['Running fetched code', 'curl … | sh, eval'],
  privilege_escalation: ['Becoming root', 'sudo, su, setuid'],
  dangerous_paths: ['System paths', '/etc, /proc, keys'],
  env_injection: ['Loader variables', 'LD_PRELOAD, PATH'],
  container_escape: ['Leaving the container', 'docker, nsenter, mounts'],
  crypto_mining: ['Mining', 'xmrig and the like'],
  filter_bypass: ['Hiding commands', 'encodings, tricks of quoting'],
  network_recon: ['Scanning networks', 'nmap, port scans'],
  package_install: ['Installing packages', 'apt, pip, npm install'],
  persistence: ['Staying behind', 'cron, services, profiles'],
  process_control: ['Other processes', 'kill, pkill'],
  env_dump: ['Reading the environment', 'env, printenv'],
}

const SAID_BY: Readonly<Record<string, string>> = {
  agent: 'said by this agent',
  defaults: 'said for all agents',
  tenant: 'said by the tenant',
  default: 'denied unless said',
}

export function DenyGroups({ agent, fields, edit, mayEdit }: TabProps) {
  const mayJudge = useMay('tools.policy')
  const policy = useOperation('tools.policy', { agentId: agent.agent_key }, { enabled: mayJudge })
  const own = fields.shell_deny_groups ?? {}
  const judged = new Map(
    policy.data?.shell.denyGroups.map((group) => [group.name as string, group]),
  )
  const { shell_deny_groups: effective } = agent.effective
  const isSaved = (name: string) => agent.settings.shell_deny_groups?.[name] !== undefined
  const set = (name: string, denied: boolean | undefined) => {
    const { [name]: _, ...others } = own
    edit({ shell_deny_groups: denied === undefined ? others : { ...others, [name]: denied } })
  }
  return (
    <Section title="Denied shell groups">
      <Card>
        <p className="mb-3 text-kumo-subtle">
          On: commands of the group are refused. Switch off only what this agent needs.
        </p>
        <ul className="grid gap-x-8 gap-y-1 md:grid-cols-2">
          {Object.entries(ABOUT).map(([name, [title, examples]]) => {
            const saved = judged.get(name)
            const isOwn = own[name] !== undefined
            // Taken back and not saved yet: what the tenant says is not known here, closed is.
            const inForce = isSaved(name) ? true : (effective[name] ?? true)
            const isDenied = own[name] ?? inForce
            const by = isOwn ? 'agent' : (saved?.decidedBy ?? (isDenied ? 'default' : 'tenant'))
            return (
              <li key={name} className="flex min-h-12 min-w-0 items-center gap-3">
                <Switch
                  size="sm"
                  aria-label={`Deny: ${title}`}
                  checked={isDenied}
                  disabled={!mayEdit}
                  onCheckedChange={(checked) => set(name, checked)}
                />
                <span className="min-w-0 flex-1">
                  <span className={isDenied ? '' : 'font-medium text-kumo-warning'}>
                    {title}
                    {!isDenied && ' — let through'}
                  </span>
                  <span className="block truncate text-xs text-kumo-subtle">
                    {examples} · {by === 'agent' && !isOwn ? 'as the tenant says' : SAID_BY[by]}
                  </span>
                </span>
                {isOwn && mayEdit && (
                  <Button
                    size="xs"
                    aria-label={`Take back: ${title}`}
                    onClick={() => set(name, undefined)}
                  >
                    Take back
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      </Card>
    </Section>
  )
}
