/** Programs that are not in the table of wrappers but may be one. */
import { type Arg, isLiteral } from './arg.ts'

/** Words that, standing as an argument, look like the beginning of a command of their own. */
const TELLING = new Set([
  ...['rm', 'dd', 'shred', 'mkfs', 'wipefs', 'bash', 'sh', 'dash', 'zsh', 'sudo', 'doas', 'nc'],
  ...[
    'socat',
    'xmrig',
    'python',
    'python3',
    'perl',
    'ruby',
    'php',
    'node',
    'chmod',
    'chown',
    'kill',
    'pkill',
  ],
  ...['env', 'timeout', 'nohup', 'xargs', 'eval', 'curl', 'wget', 'find', 'busybox'],
])
/** Tools whose subcommands have the names of programs: `git rm -r`, `docker rm -f`. */
const HAVE_SUBCOMMANDS = new Set([
  ...['git', 'hg', 'svn', 'bzr', 'fossil', 'jj', 'docker', 'docker-compose', 'podman', 'buildah'],
  ...[
    'nerdctl',
    'crictl',
    'ctr',
    'lxc',
    'incus',
    'kubectl',
    'oc',
    'helm',
    'k3d',
    'kind',
    'minikube',
  ],
  ...['aws', 'gcloud', 'gsutil', 'az', 'doctl', 'mc', 'rclone', 's3cmd', 'hdfs', 'hadoop', 'npm'],
  ...['yarn', 'pnpm', 'bun', 'cargo', 'go', 'pip', 'uv', 'conda', 'apt', 'apt-get', 'apk', 'brew'],
  ...['dotnet', 'terraform', 'vagrant', 'multipass', 'heroku', 'fly', 'flyctl', 'vercel', 'gh'],
  ...['glab', 'git-lfs', 'dvc', 'lakectl', 'ipfs', 'adb', 'zfs', 'zpool', 'btrfs', 'toolbox'],
  ...['distrobox', 'proot-distro', 'schroot', 'qm', 'pct', 'virsh', 'pass'],
])
/** Programs that only read or print their arguments. */
const NEVER_RUN = new Set([
  ...['echo', 'printf', 'cat', 'grep', 'egrep', 'fgrep', 'rg', 'ag', 'ack', 'man', 'tldr', 'which'],
  ...[
    'whereis',
    'type',
    'hash',
    'wc',
    'ls',
    'cp',
    'mv',
    'ln',
    'rm',
    'mkdir',
    'touch',
    'file',
    'stat',
  ],
  ...[
    'head',
    'tail',
    'less',
    'more',
    'sort',
    'uniq',
    'cut',
    'tr',
    'sed',
    'awk',
    'diff',
    'cmp',
    'test',
  ],
  ...['[', 'cd', 'basename', 'dirname', 'realpath', 'readlink', 'du', 'df', 'pgrep', 'pidof', 'ps'],
  ...['info', 'help', 'whatis', 'apropos', 'alias', 'unalias', 'set', 'export', 'declare', 'read'],
  ...['vim', 'nano', 'emacs', 'code', 'jq', 'yq', 'tar', 'zip', 'unzip', 'gzip', 'chmod', 'chown'],
  ...[
    'chgrp',
    'kill',
    'pkill',
    'killall',
    'curl',
    'wget',
    'make',
    'python',
    'perl',
    'ruby',
    'node',
  ],
  ...['php', 'expr', 'logger', 'tee', 'dd', 'tree', 'md5sum', 'sha256sum', 'base64', 'xxd', 'od'],
  ...['systemctl', 'service', 'journalctl', 'locale', 'update-alternatives', 'dpkg', 'rpm', 'ssh'],
])

/** Programs that hand a whole argument to a shell. */
const RUNS_TEXT = new Set([
  ...['tmux', 'screen', 'xterm', 'uxterm', 'hyperfine', 'entr', 'watchexec', 'nodemon', 'npx'],
  ...[
    'concurrently',
    'dtach',
    'abduco',
    'tsp',
    'kitty',
    'alacritty',
    'gnome-terminal',
    'logrotate',
  ],
])

const NO_TEXTS: readonly string[] = []

/** Arguments that are judged as shell code of their own. */
export const textsOf = (name: string, args: readonly Arg[]): readonly string[] =>
  RUNS_TEXT.has(name)
    ? args.map(({ value }) => value).filter((value) => /[\s;&|`$]/.test(value))
    : NO_TEXTS

/** The arguments from the first telling word on; null where there is none. */
export function suspectSuffix(name: string, args: readonly Arg[]): readonly Arg[] | null {
  if (args.length < 2 || NEVER_RUN.has(name) || HAVE_SUBCOMMANDS.has(name)) return null
  const at = args.findIndex((arg) => isLiteral(arg) && isTelling(arg.value))
  // Alone at the end it is rather a word: `go env`.
  return at < 0 || at === args.length - 1 ? null : args.slice(at)
}

const isTelling = (word: string): boolean => {
  const base = word.slice(word.lastIndexOf('/') + 1)
  return TELLING.has(base) || base.startsWith('mkfs.')
}
