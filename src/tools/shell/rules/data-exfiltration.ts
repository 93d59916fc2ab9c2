/** Uploads, requests to the host itself, and name look-ups, which carry data out in the name. */
import { INPUT_PATH } from '../code-file.ts'
import { type CommandView, type GroupRules, operandsOf, unlessQuestion, valuesOf } from '../view.ts'

const SENDING = /^(?:POST|PUT|PATCH)$/i
/** The machine itself and the metadata services of clouds, in any spelling of the address. */
const OWN_HOST =
  /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@?#\s]*@)?(?:localhost|[^/:?#\s]*\.localhost|ip6-localhost|127(?:\.\d{1,10}){0,3}|0(?:\.0){0,3}|0x[0-9a-f]{1,8}|0177(?:\.\d+){0,3}|0x7f(?:\.[0-9a-fx]{1,10}){0,3}|2130706433|017700000001|169\.254(?:\.\d{1,3}){2}|2852039166|metadata(?:\.google\.internal)?|host\.docker\.internal|\[(?:::1?|::ffff:(?:7f|127)[^\]]*|fd00:ec2::254|0{0,4}(?::0{0,4}){2,7}:?0{0,3}1?)\])(?:\.)?(?:[:/?#]|$)/i

const CURL_VALUES = 'AbcCDdeEFhHKmoPQrtTuUwxXYyz'

/** A configuration that comes over a descriptor may ask for anything. */
const isUnseen = (path: string): boolean => INPUT_PATH.test(path)

/** Letters of curl that come before a letter with a value in a bundle: `-sXPOST`, `-Gksd`. */
function curlSends(command: CommandView): boolean {
  return command.args.some(({ value }, at) => {
    if (value.startsWith('--')) {
      const [name = '', joined] = value.slice(2).split(/=([\s\S]*)/, 2)
      if (/^(?:data?$|data-|form|up|js)/.test(name)) return true
      const given = joined ?? command.args[at + 1]?.value ?? ''
      if (name.startsWith('conf')) return isUnseen(given)
      return /^reque(?:s|st)?$/.test(name) && SENDING.test(given)
    }
    if (!/^-[^-]/.test(value)) return false
    const letter = [...value].findIndex((char, i) => i > 0 && CURL_VALUES.includes(char))
    if (letter < 0) return value.includes('\uE000')
    const char = value.charAt(letter)
    const given = value.slice(letter + 1) || (command.args[at + 1]?.value ?? '')
    if (char === 'K') return isUnseen(given)
    return /[dFT]/.test(char) || (char === 'X' && (SENDING.test(given) || given.includes('\uE000')))
  })
}

const asksOwnHost = (command: CommandView): boolean =>
  [...operandsOf(command), ...valuesOf(command, 'x', 'url', 'proxy', 'preproxy', 'socks5')].some(
    (word) => OWN_HOST.test(word),
  )

const http = (command: CommandView): boolean => asksOwnHost(command)

export const dataExfiltration: GroupRules = {
  group: 'data_exfiltration',
  reason: 'it would send data out, ask the host itself, or look names up',
  commands: {
    curl: (command) => curlSends(command) || asksOwnHost(command),
    wget: (command) =>
      command.args.some(({ value }) => /^--(?:post|body)/.test(value)) ||
      valuesOf(command, '', 'method').some((method) => SENDING.test(method)) ||
      asksOwnHost(command),
    aria2c: http,
    axel: http,
    lynx: http,
    w3m: http,
    links: http,
    http,
    https: http,
    xh: http,
    dig: unlessQuestion,
    nslookup: unlessQuestion,
    host: unlessQuestion,
    drill: unlessQuestion,
    delv: unlessQuestion,
    kdig: unlessQuestion,
  },
  isDeniedWord: (word) => /\/dev\/(?:tcp|udp)\//.test(word),
}
