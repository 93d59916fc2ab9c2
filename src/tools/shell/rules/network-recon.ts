/** Scanners, log-ins on other machines, and tunnels. */

import { mayBeOption } from '../arg.ts'
import { names } from '../names.ts'
import { type CommandView, type GroupRules, unlessQuestion } from '../view.ts'

const SCANNERS = [
  ...names('nmap masscan zmap zenmap rustscan naabu netdiscover arp-scan fping'),
  ...names('hping hping2 nping unicornscan subfinder assetfinder dnsenum dnsrecon'),
  ...names('fierce ffuf wfuzz gobuster dirb feroxbuster nikto enum4linux'),
  ...names('nbtscan onesixtyone smbmap arpspoof'),
]
const TUNNELS = [
  ...names('chisel frpc frps ngrok cloudflared bore localtunnel zrok rathole'),
  ...names('iodine dnscat2 ptunnel ligolo ligolo-ng revsocks'),
]

/** `user@host`, with or without a path; `@` within a path or option value is none. */
const USER_AT_HOST = /^(?:[a-z]+:\/\/)?['"]?[^\s/:@=]{1,64}@[^\s/@]/
const TUNNEL_LETTERS = /^-[46AaCfGgKknqsTtVvXxYy]*[LRDWwMN]/

function logsIn({ args }: CommandView): boolean {
  return args.some(
    (arg) =>
      mayBeOption(arg) ||
      USER_AT_HOST.test(arg.value) ||
      arg.value.startsWith('-l') ||
      /^(?:-o\s*)?User[ =]/i.test(arg.value) ||
      TUNNEL_LETTERS.test(arg.value),
  )
}

const copiesRemotely = ({ args }: CommandView): boolean =>
  args.some(({ value }) => USER_AT_HOST.test(value))

export const networkRecon: GroupRules = {
  group: 'network_recon',
  reason: 'it would scan the network, log in elsewhere, or open a tunnel',
  commands: {
    ...Object.fromEntries([...SCANNERS, ...TUNNELS].map((name) => [name, unlessQuestion] as const)),
    amass: true,
    frps: true,
    plink: copiesRemotely,
    pscp: copiesRemotely,
    hping3: true,
    ssh: logsIn,
    slogin: logsIn,
    mosh: logsIn,
    scp: copiesRemotely,
    sftp: copiesRemotely,
    rsync: copiesRemotely,
    sshfs: copiesRemotely,
    sshpass: copiesRemotely,
    autossh: logsIn,
    sshuttle: copiesRemotely,
    'ssh-copy-id': copiesRemotely,
  },
}
