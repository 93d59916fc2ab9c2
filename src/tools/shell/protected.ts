/** What no override opens: the environment of any process, and the gateway's own data. */
import { couldName, normalizePath } from './path-pattern.ts'

const ENVIRONMENT = /proc\/[^\s'"]{1,64}\/environ/
const OWN_DATA = /(?:^|[/\s'"=:])\.edgeclaw(?:\/|$)/

export function isProcessEnvironment(word: string): boolean {
  const path = normalizePath(word)
  if (path.includes('environ') && ENVIRONMENT.test(path)) return true
  if (!/[*?[\uE000\uE001]/.test(path)) return false
  return couldName(path, '/proc/*/environ') && /[a-z]/.test(path)
    ? isShapedLikeEnvironment(path)
    : couldName(path, '/proc/*/task/*/environ')
}

/** `/$dir/$x/$y` could name anything; only what shows a part of the path counts. */
const isShapedLikeEnvironment = (path: string): boolean =>
  /^\/p|\/[^/]*(?:env|nviro|ron)[^/]*$|^\/\?|^\/\[/.test(path)

export const isGatewayData = (word: string): boolean => OWN_DATA.test(word)
