/** Miners by name, and the addresses that they work for. */
import { names } from '../names.ts'
import type { GroupRules } from '../view.ts'

const MINERS = [
  ...names('xmrig xmr-stak cpuminer minerd cgminer bfgminer sgminer ethminer'),
  ...names('nbminer phoenixminer teamredminer lolminer gminer ccminer nanominer'),
  ...names('claymore t-rex trex srbminer srbminer-multi wildrig nheqminer ewbf'),
  ...names('xmrigcc xmrig-proxy xmr-stak-cpu minergate minergate-cli cryptonight'),
  ...names('kdevtmpfsi kinsing verusminer hellminer excavator rhminer bminer'),
]
const POOLS =
  /(?:^|[/@.])(?:minexmr|supportxmr|moneroocean|nanopool|2miners|f2pool|ethermine|hashvault|nicehash|c3pool|unmineable)\.[a-z]{2,8}(?:[:/]|$)/i
const MINER_FILE =
  /(?:^|[/=])(?:xmrig|xmr-stak|cpuminer|minerd|cgminer|bfgminer|ethminer|nbminer|phoenixminer|kdevtmpfsi|kinsing)(?:[-_.]|$|\s)/i

export const cryptoMining: GroupRules = {
  group: 'crypto_mining',
  reason: 'it would mine for crypto-currency',
  commands: Object.fromEntries(MINERS.map((name) => [name, true] as const)),
  isDeniedName: (name) =>
    (/[A-Z]/.test(name) && MINERS.includes(name.toLowerCase().replace(/\.exe$/, ''))) ||
    MINER_FILE.test(`/${name}`),
  isDeniedWord: (word) =>
    /stratum2?\+?(?:tcp|ssl|tls)?:\/\/|moneroocean/i.test(word) ||
    POOLS.test(word) ||
    MINER_FILE.test(word),
}
