/** Programs that are not in the table of wrappers but may be one. */

import { type Arg, isLiteral } from './arg.ts'
import { names } from './names.ts'

/** Words that, standing as an argument, look like the beginning of a command of their own. */
const TELLING = new Set([
  ...names('rm dd shred mkfs wipefs bash sh dash zsh sudo doas nc'),
  ...names('socat xmrig python python3 perl ruby php node chmod chown kill pkill'),
  ...names('env timeout nohup xargs eval curl wget find busybox'),
])
/** Tools whose subcommands have the names of programs: `git rm -r`, `docker rm -f`. */
const HAVE_SUBCOMMANDS = new Set([
  ...names('git hg svn bzr fossil jj docker docker-compose podman buildah'),
  ...names('nerdctl crictl ctr lxc incus kubectl oc helm k3d kind minikube'),
  ...names('aws gcloud gsutil az doctl mc rclone s3cmd hdfs hadoop npm'),
  ...names('yarn pnpm bun cargo go pip uv conda apt apt-get apk brew'),
  ...names('dotnet terraform vagrant multipass heroku fly flyctl vercel gh'),
  ...names('glab git-lfs dvc lakectl ipfs adb zfs zpool btrfs toolbox'),
  ...names('distrobox proot-distro schroot qm pct virsh pass'),
])
/** Programs that only read or print their arguments. */
const NEVER_RUN = new Set([
  ...names('echo printf cat grep egrep fgrep rg ag ack man tldr which'),
  ...names('whereis type hash wc ls cp mv ln rm mkdir touch file stat'),
  ...names('head tail less more sort uniq cut tr sed awk diff cmp test'),
  ...names('[ cd basename dirname realpath readlink du df pgrep pidof ps'),
  ...names('info help whatis apropos alias unalias set export declare read'),
  ...names('vim nano emacs code jq yq tar zip unzip gzip chmod chown'),
  ...names('chgrp kill pkill killall curl wget make python perl ruby node'),
  ...names('php expr logger tee dd tree md5sum sha256sum base64 xxd od'),
  ...names('systemctl service journalctl locale update-alternatives dpkg rpm ssh'),
])

/** Programs that hand a whole argument to a shell. */
const RUNS_TEXT = new Set([
  ...names('tmux screen xterm uxterm hyperfine entr watchexec nodemon npx'),
  ...names('concurrently dtach abduco tsp kitty alacritty gnome-terminal logrotate'),
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
