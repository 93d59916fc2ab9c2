/**
 * What may be registered at all. Programs that run whatever they are told have no place beside a
 * credential, and neither have variables that tell a loader, a runtime or git what to run.
 */
import type { CredentialedBinary } from '../../domain/credentialed-binary.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { isInterpreter } from '../shell/interpreters.ts'
import { withoutVersion } from '../shell/names.ts'
import { baseOf } from '../shell/path-pattern.ts'
import { WRAPPER_ALIASES, WRAPPERS } from '../shell/wrappers.ts'
import { checkArgumentPattern } from './argument-pattern.ts'
import { hardeningOf } from './hardening/profiles.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/
/** Folders of the image; a workspace, a temporary folder or the kernel's is anybody's to fill. */
const PATH =
  /^\/(?:usr\/(?:local\/)?s?bin|s?bin|usr\/(?:lib|libexec|share)|opt)(?:\/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+$/
const HOST =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/

/** Beside wrappers and interpreters: shells, editors, builders and whatever else runs programs. */
const RUNS_ANYTHING = new Set(
  `
  sh bash rbash dash ash zsh ksh mksh fish csh tcsh busybox toybox env xargs find parallel su watch
  vi vim nvim ed emacs nano less more most man info awk gawk mawk nawk sed make gmake cmake ninja
  tar zip rsync ssh scp sftp ssh-agent screen tmux expect socat nc ncat gdb lldb flock crontab at
  batch printenv npx yarn pnpm bunx pip pip3 pipx uv uvx poetry gem bundle cargo go mvn gradle ant
  rg strace ltrace perf sqlite3 openssl
  docker podman nerdctl ctr crictl ansible ansible-playbook run-parts start-stop-daemon ld.so
`.match(/\S+/g),
)

const isRefused = (program: string): boolean =>
  [program, withoutVersion(program)].some(
    (name) =>
      isInterpreter(name) ||
      WRAPPERS.has(name) ||
      WRAPPER_ALIASES.has(name) ||
      RUNS_ANYTHING.has(name),
  )

export type BinaryForm = Pick<
  CredentialedBinary,
  'name' | 'absolutePath' | 'denyArgs' | 'denyVerbose' | 'hosts'
>

/** The error is a sentence for the admin. */
export function checkBinary(binary: BinaryForm): Result<null, string> {
  const { name, absolutePath, denyArgs, denyVerbose, hosts } = binary
  if (!NAME.test(name)) return err('name must be letters, digits, . _ + and -')
  if (absolutePath.length > 200 || !PATH.test(absolutePath)) {
    return err('absolute_path must be a plain path below /usr, /bin, /sbin or /opt of the image')
  }
  const program = baseOf(absolutePath)
  if (isRefused(name) || isRefused(program)) {
    return err('a shell, an interpreter or a program that runs others cannot be registered')
  }
  if (/^(?:git|kubectl|gh)-/.test(program))
    return err('register the program itself, not a part of it')
  for (const [field, patterns] of Object.entries({
    deny_args: denyArgs,
    deny_verbose: denyVerbose,
  })) {
    const checked = checkArgumentPatterns(patterns)
    if (!checked.ok) return err(`${field}: ${checked.error}`)
  }
  return hosts.every((host) => HOST.test(host))
    ? ok(null)
    : err('hosts must be plain host names in lower case, without port or wildcard')
}

export function checkArgumentPatterns(patterns: readonly string[]): Result<null, string> {
  for (const pattern of patterns) {
    const fault = checkArgumentPattern(pattern)
    if (fault !== null) return err(`${JSON.stringify(pattern.slice(0, 40))} ${fault}`)
  }
  return ok(null)
}

/**
 * Variables that lead a program, its loader or its runtime to other code, configuration, trust or
 * routes. Compared without case: some programs read both.
 */
const RESERVED =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|SHELLOPTS|BASHOPTS|ENV|IFS|CDPATH|PS[0-4]|PWD|OLDPWD|LANG|LANGUAGE|TZ|TZDIR|TERM|TERMCAP|TERMINFO|PAGER|EDITOR|VISUAL|BROWSER|LESSOPEN|LESSCLOSE|TMPDIR|TMP|TEMP|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN|NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|NODE_REPL_EXTERNAL_MODULE|CLASSPATH|CURL_HOME|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|SSH_AUTH_SOCK|OPENSSL_CONF|OPENSSL_MODULES|OPENSSL_ENGINES|SSLKEYLOGFILE|KUBECONFIG|PROMPT_COMMAND)$|^(?:LD_|DYLD_|BASH_|LC_|XDG_|GIT_|PYTHON|PERL|RUBY|GEM_|BUNDLE_|JAVA_|_JAVA_|JDK_|MALLOC_|GLIBC_|MAVEN_|GRADLE_|NPM_CONFIG_|PIP_|SSL_CERT_|LUA_|PHP|EDGECLAW_|GOCLAW_|DOTNET_|CORECLR_|COMPLUS_|GODEBUG|GOTRACEBACK|ASAN_|UBSAN_)|_(?:PROXY|PAGER|EDITOR|BROWSER|OPTIONS|OPTS|PRELOAD)$/i
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const MAX_VARIABLES = 20
const MAX_VALUE_CHARS = 16_384
/** The scrubber ignores shorter values, since they occur by chance. */
const MIN_SECRET_CHARS = 6
const NAMES_SECRET = /TOKEN|KEY|SECRET|PASS|PWD|CRED|AUTH/i

/** The error is a sentence for the admin, and holds no value. */
export function checkEnvironment(
  absolutePath: string,
  env: Readonly<Record<string, string>>,
): Result<null, string> {
  const names = Object.keys(env)
  if (names.length === 0 || names.length > MAX_VARIABLES) {
    return err(`env must hold 1 to ${MAX_VARIABLES} variables`)
  }
  const pinned = hardeningOf(absolutePath).env
  for (const [name, value] of Object.entries(env)) {
    if (!ENV_NAME.test(name)) return err('env has a name that no variable can have')
    if (RESERVED.test(name) || Object.hasOwn(pinned, name)) {
      return err(`env.${name} cannot be set: it decides what the program runs or whom it trusts`)
    }
    if (value === '' || value.length > MAX_VALUE_CHARS || value.includes('\0')) {
      return err(`env.${name} must be 1 to ${MAX_VALUE_CHARS} characters without NUL`)
    }
    if (NAMES_SECRET.test(name) && value.trim().length < MIN_SECRET_CHARS) {
      return err(`env.${name} is too short to be kept out of what the program prints`)
    }
  }
  return ok(null)
}
