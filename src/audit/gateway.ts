/** The gateway's own door: token, origins, proxies, rate, modes. Of the platform, but for the tenant's rate. */
import { MIN_TOKEN_CHARS } from '../domain/gateway-token.ts'
import { about, type Check, type PlatformFacts, when } from './facts.ts'

/** A network wider than this is no proxy of anybody's. */
const WIDEST_V4 = 16
const WIDEST_V6 = 48

function isWide(network: string): boolean {
  const [address = '', bits] = network.split('/')
  if (bits === undefined) return false
  return Number(bits) < (address.includes(':') ? WIDEST_V6 : WIDEST_V4)
}

const ofPlatform = (platform: PlatformFacts) => [
  ...when(platform.tokenChars === null, {
    checkId: 'gateway.no_token',
    severity: 'critical',
    title: 'The gateway asks nobody for a token',
    detail: 'Whoever reaches it is its operator.',
    remediation: 'Set EDGECLAW_TOKEN; start without --token none.',
  }),
  ...when(platform.tokenChars !== null && platform.tokenChars < MIN_TOKEN_CHARS, {
    checkId: 'gateway.token_too_short',
    severity: 'warn',
    title: 'The gateway token is short',
    detail: `It has ${platform.tokenChars} characters.`,
    remediation: `Set EDGECLAW_TOKEN to ${MIN_TOKEN_CHARS} random characters or more.`,
  }),
  ...when(platform.isDevelopmentMode && platform.isDeployed, {
    checkId: 'gateway.dev_mode_deployed',
    severity: 'critical',
    title: 'Development mode is on in a deployed gateway',
    detail: 'It lets callers in without a credential.',
    remediation: 'Remove EDGECLAW_DEVELOPMENT_MODE.',
  }),
  ...about(platform.openOperations, {
    checkId: 'gateway.route_without_auth',
    severity: 'critical',
    title: 'Operations ask for no role or no scope',
    detail: (names) => `Open: ${names}.`,
    remediation: 'Give each of them an access row.',
  }),
  ...when(platform.allowedOrigins.length === 0, {
    checkId: 'gateway.allowed_origins_empty',
    severity: 'warn',
    title: 'Any web page may call the gateway with a token of its own',
    detail: 'EDGECLAW_ALLOWED_ORIGINS is empty, which means any.',
    remediation: 'List the origins of your pages in EDGECLAW_ALLOWED_ORIGINS.',
  }),
  ...when(platform.allowedOrigins.includes('*'), {
    checkId: 'gateway.allowed_origins_wildcard',
    severity: 'critical',
    title: 'Every origin is allowed by name',
    detail: 'EDGECLAW_ALLOWED_ORIGINS holds *.',
    remediation: 'List origins instead of *.',
  }),
  ...about(platform.trustedProxies.filter(isWide), {
    checkId: 'gateway.trusted_proxies_wide',
    severity: 'warn',
    title: 'Trusted proxies are whole networks',
    detail: (names) => `Whoever is in ${names} says where a request came from.`,
    remediation: 'List the proxies’ own addresses in EDGECLAW_TRUSTED_PROXIES.',
  }),
]

export const gatewayChecks: Check = ({ platform, tenant }) => [
  ...(platform === null ? [] : ofPlatform(platform)),
  ...when(tenant.rateLimitRpm === 0 && (platform?.rateCeilingRpm ?? 0) === 0, {
    checkId: 'gateway.rate_limit_off',
    severity: 'warn',
    title: 'Starts of runs are not limited per user',
    detail: 'gateway.rate_limit_rpm is 0.',
    remediation: 'Set gateway.rate_limit_rpm, for instance to 20.',
  }),
]
