/**
 * What belongs to the operator of the gateway and to no tenant. The list exists so that whoever
 * tries is told whose it is; what keeps it out is that the tenant's schema has no such key.
 */

const PLATFORM_NAMES: ReadonlySet<string> = new Set([
  'token',
  'owner_ids',
  'allowed_origins',
  'trusted_proxies',
  'runners',
  'runner_key',
  'allow_private_network',
  'accept_plaintext',
  'encryption_key',
  'previous_encryption_key',
  'ceilings',
  'rate_ceiling_rpm',
  'rate_limit_ceiling_rpm',
  'max_body_bytes',
  'max_message_bytes',
  'public_origin',
  'platform',
  'development_mode',
  'is_master_scope',
])
/** The operator's environment variables, copied where they do nothing. */
const VARIABLE = /^edgeclaw_/

/** `allowedOrigins` is the same attempt as `allowed_origins`. */
const snakeCase = (name: string): string =>
  name
    .slice(0, 100)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()

export function isPlatformSetting(name: string): boolean {
  const snake = snakeCase(name)
  return PLATFORM_NAMES.has(snake) || VARIABLE.test(snake)
}
