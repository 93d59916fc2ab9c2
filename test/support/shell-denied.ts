/** Commands that the guard denies, as words, so that each can be spelled on its own. */

/** One of each kind of rule: options, subcommands, operands, names. */
export const DENIED: readonly (readonly string[])[] = [
  ['rm', '-rf', 'x'],
  ['rm', 'x', '--recursive'],
  ['sudo', 'id'],
  ['nc', '-e', 'sh', 'h', '1'],
  ['chmod', '777', '/etc'],
  ['crontab', '-r'],
  ['pip', 'install', 'x'],
  ['kill', '-9', '1'],
  ['nmap', 'h'],
  ['printenv', 'A'],
  ['find', '.', '-delete'],
  ['curl', '-d', 'a', 'http://h'],
  ['git', 'clone', '--upload-pack=x', 'r'],
  ['docker', 'run', '--privileged', 'x'],
  ['xmrig', '-o', 'p'],
  ['systemctl', 'enable', 'x'],
]
