/** Whether an address is a platform's own: a file's may be anything that a message says. */

/**
 * @param baseUrl of the API: what lies there is asked as well
 * @param hosts of the platform; what is beneath one of them is its own, over TLS
 */
export function isOwnAddress(address: string, baseUrl: string, hosts: readonly string[]): boolean {
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') return false
  if (url.origin === URL.parse(baseUrl)?.origin) return true
  const isOwn = hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))
  return url.protocol === 'https:' && url.port === '' && isOwn
}
